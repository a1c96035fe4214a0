import { rmSync } from 'node:fs';
import type { ReportFigures } from '#src/history/report/figures';
import { openHistory } from '#src/history/source';
import type { RecordedEvent } from '#src/kernel/events';
import { stampOf } from '#src/kernel/position';
import { history } from './command-line';
import { HOSTILE, SOLD_OUT, tradedFolder } from '../support/traded-folder';

/** As much of the data of events as is looked at here. */
interface Data {
  readonly orderId: string;
  readonly variantId: string;
  readonly quantity: number;
  readonly reason: string;
  readonly lines: readonly Line[];
  readonly totals: { readonly currency: string };
}
interface Line {
  readonly variantId: string;
  readonly quantity: number;
  readonly unitPrice: { readonly currency: string; readonly amountMinor: number };
}
type Event = RecordedEvent & { readonly data: Data };

let folder: string;
let log: Event[];
beforeAll(async () => {
  folder = await tradedFolder(SOLD_OUT);
  const source = await openHistory({ dataDir: folder, eventStoreUrl: null });
  log = (await source.store.readAll({ limit: 100_000 })) as unknown as Event[];
  await source.close();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const report = (...args: string[]) => history(folder, ['report', ...args]);

async function figures(...args: string[]): Promise<ReportFigures> {
  const { status, out, err } = await report('--json', ...args);
  expect([status, err]).toEqual([0, '']);
  return JSON.parse(out) as ReportFigures;
}

const ofType = (type: string, from: readonly Event[] = log) => from.filter((event) => event.type === type);
const byOrder = (type: string) => new Map(ofType(type).map((event) => [event.data.orderId, event]));
const worth = (lines: readonly Line[]) =>
  lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.amountMinor, 0);
const units = (lines: readonly Line[]) => lines.reduce((sum, { quantity }) => sum + quantity, 0);
const time = ({ recordedAt }: Event) => Date.parse(recordedAt);

describe('the figures of a report', () => {
  it('say what the lines of confirmed orders cost, each currency for itself', async () => {
    const checkouts = byOrder('CartCheckedOut');
    const cancelled = byOrder('OrderCancelled');
    const confirmed = ofType('OrderConfirmed').map(({ data }) => checkouts.get(data.orderId)!.data);
    const expected = ['EUR', 'JPY'].map((currency) => {
      const orders = confirmed.filter(({ totals }) => totals.currency === currency);
      const later = orders.filter(({ orderId }) => cancelled.has(orderId));
      return {
        currency,
        orders: orders.length,
        units: units(orders.flatMap(({ lines }) => lines)),
        amountMinor: worth(orders.flatMap(({ lines }) => lines)),
        cancelledOrders: later.length,
        cancelledMinor: worth(later.flatMap(({ lines }) => lines)),
      };
    });
    const { sales } = await figures();
    expect(sales).toMatchObject(expected);
    for (const { orders } of expected) expect(orders).toBeGreaterThan(2);
    expect(cancelled.size).toBeGreaterThan(2);
  });

  it('split the sales by day and category, and lose none', async () => {
    const { sales } = await figures();
    const days = new Set(ofType('OrderConfirmed').map(({ recordedAt }) => recordedAt.slice(0, 10)));
    for (const { days: split, amountMinor, units: sold } of sales) {
      for (const { day, category } of split) expect([days.has(day), category]).toEqual([true, 'Home']);
      expect(split.reduce((sum, day) => sum + day.amountMinor, 0)).toBe(amountMinor);
      expect(split.reduce((sum, day) => sum + day.units, 0)).toBe(sold);
    }
  });

  it('count the carts at each stage', async () => {
    const { funnel } = await figures();
    const reserved = (event: Event) => {
      const wanted = new Set(event.data.lines.map(({ variantId }) => variantId));
      const kept = ofType('StockReserved').filter(({ data }) => data.orderId === event.data.orderId);
      return new Set(kept.map(({ data }) => data.variantId)).size === wanted.size;
    };
    expect(Object.fromEntries(funnel.map(({ stage, carts }) => [stage, carts]))).toEqual({
      carts: filledCarts(),
      'checked-out': ofType('CartCheckedOut').length,
      placed: ofType('OrderPlaced').length,
      'stock-reserved': ofType('CartCheckedOut').filter(reserved).length,
      'payment-requested': ofType('PaymentRequested').length,
      paid: ofType('PaymentCaptured').length,
      confirmed: ofType('OrderConfirmed').length,
    });
  });

  /** Walks each cart: it begins with its first item, and anew after a checkout. */
  function filledCarts(): number {
    const filled = new Set<string>();
    let carts = 0;
    for (const { stream, type, data } of log) {
      const isFilled = type === 'ItemAddedToCart' || (type === 'CartReopened' && data.lines.length > 0);
      if (isFilled && !filled.has(stream)) carts++;
      if (isFilled) filled.add(stream);
      if (type === 'CartCheckedOut') filled.delete(stream);
    }
    return carts;
  }

  it('say what became of the orders', async () => {
    const { orders } = await figures();
    const rejected = ofType('OrderRejected').map(({ data }) => data.reason);
    const confirmed = byOrder('OrderConfirmed');
    const ofConfirmed = ofType('OrderCancelled').filter(({ data }) => confirmed.has(data.orderId));
    expect(orders).toEqual({
      received: ofType('CartCheckedOut').length,
      confirmed: confirmed.size,
      cancelledLater: ofConfirmed.length,
      rejected: Object.fromEntries(
        [...new Set(rejected)].map((reason) => [reason, rejected.filter((of) => of === reason).length]),
      ),
      cancelled: ofType('OrderCancelled').length - ofConfirmed.length,
      open: 0,
    });
    expect(Object.keys(orders.rejected).sort()).toEqual(['out-of-stock', 'payment-declined']);
  });

  it('give the percentiles of the times between two events', async () => {
    const { durations } = await figures();
    const checkouts = byOrder('CartCheckedOut');
    const between = (type: string) =>
      ofType(type)
        .map((event) => time(event) - time(checkouts.get(event.data.orderId)!))
        .sort((a, b) => a - b);
    for (const [step, type] of [
      ['checkout-to-confirmed', 'OrderConfirmed'],
      ['checkout-to-rejected', 'OrderRejected'],
    ]) {
      const all = between(type!);
      const nearestRank = (share: number) => all[Math.ceil(share * all.length) - 1];
      expect(durations.find((of) => of.step === step)).toEqual({
        step,
        orders: all.length,
        leastMs: all[0],
        p50Ms: nearestRank(0.5),
        p90Ms: nearestRank(0.9),
        p99Ms: nearestRank(0.99),
        mostMs: all.at(-1),
      });
    }
    expect(durations.map(({ step }) => step)).toEqual(expect.arrayContaining(['filling', 'paying', 'cancelling']));
  });

  it('find each time in which a variant could not be had', async () => {
    const { stockOuts } = await figures();
    const found = stockOuts.map(({ variantId, since, until }) => ({ variantId, since, until }));
    expect(found).toEqual(emptyTimes());
    expect(found.some(({ until }) => until !== null)).toBe(true);
    expect(stockOuts.map(({ product }) => product)).toContain(HOSTILE);
  });

  /** Follows what is available of each variant. */
  function emptyTimes() {
    const available = new Map<string, number>();
    const times: { variantId: string; since: string; until: string | null }[] = [];
    for (const { type, data, recordedAt } of log) {
      const change = { StockReceived: 1, StockReserved: -1, StockReleased: 1 }[type];
      if (change === undefined) continue;
      const { variantId, quantity } = data;
      const before = available.get(variantId) ?? 0;
      const after = before + change * quantity;
      available.set(variantId, after);
      if (before > 0 && after === 0) times.push({ variantId, since: recordedAt, until: null });
      const open = times.findLast((of) => of.variantId === variantId);
      if (before === 0 && after > 0 && open) open.until = recordedAt;
    }
    return times;
  }

  it('say what carts hold that were left', async () => {
    const { leftCarts } = await figures();
    const lines = (await sql('SELECT currency, cart_id, quantity, line_total_minor FROM cart_lines')) as (
      string | number
    )[][];
    for (const { currency, idleMs, carts, units: held, amountMinor } of leftCarts) {
      const own = lines.filter(([of]) => of === currency);
      expect([idleMs, carts]).toEqual([0, new Set(own.map(([, cart]) => cart)).size]);
      expect(held).toBe(own.reduce((sum, [, , quantity]) => sum + Number(quantity), 0));
      expect(amountMinor).toBe(own.reduce((sum, [, , , total]) => sum + Number(total), 0));
    }
    expect(leftCarts.map(({ currency }) => currency)).toEqual(['EUR', 'JPY']);
  });

  async function sql(question: string): Promise<unknown[][]> {
    const { out } = await history(folder, ['sql', question, '--json']);
    return (JSON.parse(out) as { rows: Record<string, unknown>[] }).rows.map((row) => Object.values(row));
  }

  it('are those of a stretch, as of its end', async () => {
    const [from, to] = [log[Math.floor(log.length / 3)]!, log[Math.floor(log.length / 1.5)]!];
    const within = log.slice(log.indexOf(from), log.indexOf(to) + 1);
    const stretch = await figures('--from', stampOf(from.position), '--to', stampOf(to.position));
    expect(stretch).toMatchObject({
      events: within.length,
      begunAt: from.recordedAt,
      asOf: { position: stampOf(to.position), recordedAt: to.recordedAt },
      orders: { received: ofType('CartCheckedOut', within).length },
    });
    const confirmed = stretch.sales.reduce((sum, { orders }) => sum + orders, 0);
    expect(confirmed).toBe(ofType('OrderConfirmed', within).length);
    const times = await figures('--from', from.recordedAt, '--to', to.recordedAt);
    const then = log.filter(({ recordedAt }) => recordedAt >= from.recordedAt && recordedAt <= to.recordedAt);
    expect(times.events).toBe(then.length);
  });
});
