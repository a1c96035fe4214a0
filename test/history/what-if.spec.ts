import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CartEvent } from '#src/cart/cart.events';
import { allDecisions } from '#src/history/what-if/all-decisions';
import type { StockEvent } from '#src/inventory/inventory.events';
import type { RecordedEvent } from '#src/kernel/events';
import { positionOfStamp, stampOf } from '#src/kernel/position';
import type { Reacted, Settled } from '#src/kernel/processes/process.events';
import { orderNumberOf } from '#src/words/order-number';
import { readLog } from '../support/shop-folder';
import { EVERYTHING, tradedFolder } from '../support/traded-folder';
import { candidate, reportOf, whatIf } from './what-if/what-if';

type CheckedOut = Extract<CartEvent, { type: 'CartCheckedOut' }>['data'];

let folder: string;
let log: RecordedEvent[];
beforeAll(async () => {
  folder = await tradedFolder(EVERYTHING);
  log = await readLog(folder);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const checkOuts = (): { event: RecordedEvent; data: CheckedOut }[] =>
  log
    .filter(({ type }) => type === 'CartCheckedOut')
    .map((event) => ({ event, data: event.data as unknown as CheckedOut }));

const head = () => {
  const { position, recordedAt } = log.at(-1)!;
  return { position: stampOf(position), recordedAt };
};

describe('what-if with an unchanged module', () => {
  it('reports no difference over the whole demo history', async () => {
    const { findings, summary } = await reportOf(folder, 'unchanged.mjs');
    expect(findings).toEqual([]);
    expect(summary).toMatchObject({ asOf: head(), events: log.length });
    for (const { judged, same, notComparable } of summary.decisions) expect([same, notComparable]).toEqual([judged, 0]);
    for (const { same, isNew, projection: _, ...others } of summary.projections) {
      expect([same > 0, isNew]).toEqual([true, false]);
      expect(new Set(Object.values(others))).toEqual(new Set([0]));
    }
  });

  it('has judged every kind of decision, also those that were refused', async () => {
    const { summary } = await reportOf(folder, 'unchanged.mjs');
    const judged = new Map(summary.decisions.map((counts) => [counts.name, counts.judged]));
    expect([...judged.keys()]).toEqual(allDecisions.map(({ name }) => name));
    // Nothing hands stock over yet.
    expect([...judged].filter(([, count]) => count === 0)).toEqual([['stock.commit', 0]]);
    const countOf = (type: string) => log.filter((event) => event.type === type).length;
    expect(judged.get('cart.checkOut')).toBe(countOf('CartCheckedOut'));
    expect(judged.get('stock.reserve')).toBe(countOf('StockReserved') + refusedReservations().length);
    expect(refusedReservations().length).toBeGreaterThan(0);
  });
});

describe('what-if with a changed price rule', () => {
  it('reports exactly the orders that it changes', async () => {
    const planted = checkOuts().flatMap(({ event, data: { orderId, lines, totals } }) => {
      const discount = lines
        .filter(({ quantity }) => quantity >= 3)
        .reduce((sum, { quantity, unitPrice }) => sum + Math.floor((quantity * unitPrice.amountMinor) / 10), 0);
      if (discount === 0) return [];
      return [{ orderNumber: orderNumberOf(orderId), revision: event.revision, discount, total: totals.totalMinor }];
    });
    const { decisions, summary } = await reportOf(folder, 'discount.mjs');
    expect(
      decisions.map((finding) => ({ ...finding, differences: 'differences' in finding && finding.differences })),
    ).toEqual(
      planted.map(({ orderNumber, revision, discount, total }) =>
        expect.objectContaining({
          name: 'cart.checkOut',
          outcome: 'different',
          orderNumber,
          revision,
          differences: [
            { op: 'replace', path: '/0/data/totals/discountMinor', before: 0, after: discount },
            { op: 'replace', path: '/0/data/totals/totalMinor', before: total, after: total - discount },
          ],
        }),
      ),
    );
    const [judged, different] = [checkOuts().length, planted.length];
    expect(0 < different && different < judged).toBe(true);
    expect(summary.decisions).toEqual([
      expect.objectContaining({ name: 'cart.checkOut', judged, different, same: judged - different, notComparable: 0 }),
    ]);
  });

  it('is the one of docs/history.md', () => {
    const docs = readFileSync(join(__dirname, '..', '..', 'docs', 'history.md'), 'utf8');
    for (const name of ['discount.mjs', 'looser-stock.mjs']) {
      const [, ...code] = readFileSync(candidate(name), 'utf8').split('\n');
      expect(docs).toContain(code.join('\n'));
    }
  });

  it('reports those of a period where one is named, and folds what was before', async () => {
    const all = (await reportOf(folder, 'discount.mjs')).decisions;
    const [from, to] = [all[2]!.position, all[5]!.position];
    const { decisions, summary } = await reportOf(folder, 'discount.mjs', '--from', from, '--to', to);
    expect(decisions).toEqual(all.slice(2, 6));
    expect(summary.asOf!.position).toBe(to);
    expect(summary.decisions[0]).toMatchObject({
      judged: checkOuts().filter(({ event }) => from <= stampOf(event.position) && stampOf(event.position) <= to)
        .length,
    });
  });

  it('says where and when, and shows as much as is asked for', async () => {
    const args = ['--with', candidate('discount.mjs'), '--most', '1'];
    const { status, out, err } = await whatIf(folder, ...args);
    const [{ decisions }] = [await reportOf(folder, 'discount.mjs')];
    const { stream, revision, recordedAt, position, actor, orderNumber } = decisions[0]!;
    expect([status, err]).toEqual([0, []]);
    expect(out.slice(0, 2)).toEqual([
      `cart.checkOut  ${stream}/${revision}  ${recordedAt}  at ${Number(positionOfStamp(position).commit)}`,
      `  by ${actor.kind} ${actor.id}, order ${orderNumber}: would have come to something else`,
    ]);
    expect(out).toContain(`1 of ${decisions.length} findings are shown; --most shows more, --json all.`);
    expect(out.at(-2)).toMatch(/^Each decision is judged on the state as it truly was then/);
    expect(out.at(-1)).toMatch(new RegExp(`^As of position ${log.length} `));
  });
});

/** Reservations that the shop refused for want of stock, as the process was told. */
function refusedReservations(): { quantity: number; available: number; orderId: string }[] {
  const reactions = new Map(
    log.filter(({ type }) => type === 'Reacted').map((event) => [`${event.stream}/${event.revision}`, event]),
  );
  return log.flatMap((event) => {
    if (event.type !== 'Settled') return [];
    const { reaction, results } = event.data as unknown as Settled;
    const { commands } = reactions.get(`${event.stream}/${reaction}`)!.data as unknown as Reacted;
    return results.flatMap((result, n) => {
      if (result.outcome !== 'rejected' || result.code !== 'stock-insufficient') return [];
      const { quantity, orderId } = commands[n]!.data as { quantity: number; orderId: string };
      return [{ quantity, orderId, available: Number(result.details['available']) }];
    });
  });
}

/** Positions of reservations that left nothing on the shelf, counted anew from the events. */
function lastUnitsReserved(): string[] {
  const available = new Map<string, number>();
  return log.flatMap(({ type, data, position }) => {
    const event = { type, data } as unknown as StockEvent;
    const { variantId } = event.data;
    const was = available.get(variantId) ?? 0;
    switch (event.type) {
      case 'StockReceived':
      case 'StockReleased':
        available.set(variantId, was + event.data.quantity);
        return [];
      case 'StockAdjusted':
        available.set(variantId, was + event.data.delta);
        return [];
      case 'StockReserved':
        available.set(variantId, was - event.data.quantity);
        return was === event.data.quantity ? [stampOf(position)] : [];
      default:
        return [];
    }
  });
}

describe('what-if with another rule of stock', () => {
  it('reports what a stricter one would have refused', async () => {
    const { decisions, summary } = await reportOf(folder, 'stricter-stock.mjs');
    expect(lastUnitsReserved().length).toBeGreaterThan(0);
    expect(decisions.map(({ outcome, position }) => [outcome, position])).toEqual(
      lastUnitsReserved().map((position) => ['refused', position]),
    );
    expect(decisions[0]).toMatchObject({
      code: 'stock-insufficient',
      details: { left: 0 },
      actor: { kind: 'process' },
    });
    expect(summary.decisions).toMatchObject([{ refused: lastUnitsReserved().length, taken: 0, notComparable: 0 }]);
  });

  it('reports what a looser one would have taken, with what would have come of it', async () => {
    const taken = refusedReservations().filter(({ quantity, available }) => quantity <= available + 2);
    const { decisions, summary } = await reportOf(folder, 'looser-stock.mjs');
    expect(taken.length).toBeGreaterThan(0);
    expect(decisions).toEqual(
      taken.map(({ orderId, quantity }) =>
        expect.objectContaining({
          outcome: 'taken',
          code: 'stock-insufficient',
          orderNumber: orderNumberOf(orderId),
          events: [{ type: 'StockReserved', data: expect.objectContaining({ orderId, quantity }) as unknown }],
        }),
      ),
    );
    expect(summary.decisions).toMatchObject([{ taken: taken.length, refused: 0, notComparable: 0 }]);
  });
});

describe('what-if with other projections', () => {
  it('reports exactly the documents that change', async () => {
    const large = checkOuts().filter(({ data }) => data.totals.totalMinor >= 5_000);
    const { documents, summary } = await reportOf(folder, 'changed-projections.mjs');
    const changed = documents.filter(({ projection }) => projection === 'order-history');
    expect(changed.map(({ key }) => key)).toEqual(large.map(({ data }) => data.orderId).sort());
    for (const document of changed)
      expect(document).toMatchObject({
        outcome: 'changed',
        differences: [{ op: 'add', path: '/isLarge', after: true }],
      });
    expect(summary.projections[0]).toMatchObject({
      changed: large.length,
      same: checkOuts().length - large.length,
      isNew: false,
    });
  });

  it('shows what a new one would have made', async () => {
    const { documents, summary } = await reportOf(folder, 'changed-projections.mjs');
    expect(documents.filter(({ projection }) => projection === 'orders-by-country')).toEqual([
      {
        what: 'document',
        projection: 'orders-by-country',
        key: 'DE',
        outcome: 'made',
        document: { orders: checkOuts().length },
      },
    ]);
    expect(summary.projections[1]).toMatchObject({ isNew: true, made: 1 });
  });
});

describe('a candidate that fails', () => {
  it('is reported for each decision and document that it fails at, and the rest goes on', async () => {
    const { decisions, documents, summary } = await reportOf(folder, 'failing.mjs');
    const outcomes = Object.fromEntries(decisions.map((finding) => [finding.name, finding]));
    expect(outcomes['cart.addItem']).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(/not extensible/),
    });
    expect(outcomes['cart.checkOut']).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(/does not match its schema/),
    });
    expect(outcomes['order.confirm']).toMatchObject({ error: 'It did not answer a list of events.' });
    expect(outcomes['order.cancel']).toMatchObject({ outcome: 'failed', error: 'no such order book' });
    expect(outcomes['order.reject']).toMatchObject({ outcome: 'refused', details: { because: 'it is late' } });
    const rejected = log.filter(({ type }) => type === 'OrderRejected');
    expect(documents.map(({ key }) => key)).toEqual(rejected.map(({ data }) => String(data['orderId'])).sort());
    for (const document of documents)
      expect(document).toMatchObject({ outcome: 'failed', type: 'OrderRejected', error: 'Error: no way back' });
    expect(summary.projections).toMatchObject([
      { failed: rejected.length, same: checkOuts().length - rejected.length, changed: 0 },
    ]);
  });
});
