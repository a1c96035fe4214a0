import fc from 'fast-check';
import { orderHistory } from '#projections/order-history/order-history.projection';
import { allProjections } from '#src/contexts';
import type { StoredEvent } from '#src/kernel/events';
import { nameOf, type DocumentStream, type Projection } from '#src/kernel/read-models/projection';
import { CheckoutWorld } from '../support/checkout-world';
import { Choices } from '../support/choices';

/*
 * History folds one document from the streams that its projection names, a projector from the whole log: they agree only if no event of
 * a document stands anywhere else.
 */

const tapes = fc.array(fc.nat(10_000), { maxLength: 120, size: 'max' });

/** What is recorded of one order, whatever happens to it. */
function played(tape: readonly number[]): readonly StoredEvent[] {
  const world = new CheckoutWorld(new Choices(tape));
  world.play(2_000);
  return world.log;
}

/** Events of documents that history would not find, each in a sentence. */
function strays(projection: Projection, log: readonly StoredEvent[]): string[] {
  const keysOf = (event: StoredEvent) => projection.on[event.type]?.keys(event) ?? [];
  return [...new Set(log.flatMap(keysOf))].flatMap((key) => {
    const own = log.filter((event) => keysOf(event).includes(key));
    let now: object | null = null;
    const found = new Set<string>();
    for (const event of own) {
      now = projection.on[event.type]!.evolve(now, event, key);
      // A read model may be behind: whatever is known of the document, its streams are the same.
      if (now) for (const stray of strayFrom(projection.streams!(key, now), own)) found.add(stray);
    }
    return [...found].map((stray) => `${projection.name} folds ${stray}; its streams() does not name it for ${key}`);
  });
}

function strayFrom(named: readonly DocumentStream[], own: readonly StoredEvent[]): string[] {
  const rests = own.filter(({ stream }) => !named.some((where) => 'all' in where && where.all === stream));
  for (const where of named)
    if ('one' in where) {
      const place = rests.findIndex(({ type, stream }) => type === where.one && stream === where.in);
      if (place >= 0) rests.splice(place, 1);
    }
  return rests.map(({ type, stream }) => `${type} of ${stream}`);
}

const named = allProjections.filter(({ streams }) => streams).map((each) => [nameOf(each), each] as const);

/** The same in every run, so that every type is sure to be among them. */
const someLogs = fc.sample(tapes, { seed: 1, numRuns: 60 }).map(played);

describe.each(named)('the documents of %s', (_, projection) => {
  it('have all their events in the streams that it names for them', () => {
    fc.assert(
      fc.property(tapes, (tape) => expect(strays(projection, played(tape))).toEqual([])),
      { numRuns: 50 },
    );
  });

  it.each(Object.keys(projection.on))('were seen with %s in the streams that it names', (type) => {
    const seen = someLogs.filter((log) => log.some((event) => event.type === type));
    if (seen.length === 0) throw new Error(`Nothing that is played here records ${type}: let CheckoutWorld do so.`);
    for (const log of seen) expect(strays(projection, log)).toEqual([]);
  });
});

describe('a projection that names too little', () => {
  const log = played([]);
  const folding = (type: string, streams = orderHistory.streams): Projection =>
    ({
      ...orderHistory,
      streams,
      on: {
        ...orderHistory.on,
        [type]: {
          keys: ({ data }: { data: { orderId: string } }) => [data.orderId],
          evolve: (before: object | null) => before,
        },
      },
    }) as Projection;

  it('is seen when it folds one more aggregate', () => {
    expect(strays(orderHistory as Projection, log)).toEqual([]);
    const found = strays(folding('StockReserved'), log);
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(
      /^order-history folds StockReserved of stock-\S+; its streams\(\) does not name it for \S+$/,
    );
  });

  it('is seen when there are two of what it says is one', () => {
    const again = log.find(({ type }) => type === 'CartCheckedOut')!;
    expect(strays(orderHistory as Projection, [...log, again])).toEqual([
      expect.stringContaining('folds CartCheckedOut of cart-guest'),
    ]);
  });
});
