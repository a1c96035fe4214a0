/**
 * Streams for the cache of the write path. As a program it says what they take of the heap beside what is counted for them:
 *
 *     node baskets.js <file of the store> <streams> <lines in each>
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Type from 'typebox';
import type { Aggregate } from '#src/kernel/aggregate';
import { Aggregates, WritePath } from '#src/kernel/aggregates';
import { SystemClock } from '#src/kernel/clock';
import { defineEvents, EventRegistry, v1, type EventOf } from '#src/kernel/event-definitions';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { newId } from '#src/kernel/ids';
import { pause } from '#src/kernel/waiting';
import { command } from './toy-box';

const Line = Type.Object({
  lineId: Type.String(),
  variantId: Type.String(),
  productId: Type.String(),
  sku: Type.String(),
  name: Type.String(),
  unitPrice: Type.Object({ currency: Type.String(), amountMinor: Type.Integer() }),
  quantity: Type.Integer(),
});
const basketEvents = defineEvents('basket', { LineAdded: v1({ line: Line }) });
type BasketEvent = EventOf<typeof basketEvents>;
type Basket = { readonly lines: readonly BasketEvent['data']['line'][] };
const basket: Aggregate<Basket, BasketEvent> = {
  name: 'basket',
  stateVersion: 1,
  initial: { lines: [] },
  events: basketEvents,
  evolve: ({ lines }, { data }) => ({ lines: [...lines, data.line] }),
};

export class BasketPath extends WritePath {
  override readonly registry = new EventRegistry([basketEvents]);
  override readonly clock = new SystemClock();
  constructor(
    override readonly store: SqliteEventStore,
    cacheBytes: number,
  ) {
    super({ cacheBytes });
  }
  override warn(message: string): void {
    throw new Error(message);
  }
}

const line = (n: number): BasketEvent['data']['line'] => ({
  lineId: newId(),
  variantId: newId(),
  productId: newId(),
  sku: `MUG-${n}`,
  name: `A mug with the number ${n} on it`,
  unitPrice: { currency: 'EUR', amountMinor: 1_000 + n },
  quantity: 1,
});

/** So many baskets of so many lines each. */
export async function fillBaskets(path: BasketPath, count: number, lines: number): Promise<void> {
  const baskets = new Aggregates(path, basket);
  const one = async () => {
    const id = newId();
    const adding = (n: number) =>
      baskets.change(command(), id, { decide: () => [{ type: 'LineAdded', data: { line: line(n) } }] });
    await Promise.all(Array.from({ length: lines }, (_, n) => adding(n)));
  };
  for (let n = 0; n < count; n += 50) await Promise.all(Array.from({ length: 50 }, one));
}

/** Bytes of the heap, and beside it of typed arrays, when all that is not in use is gone. */
async function inUse(gc: () => void): Promise<number> {
  for (let n = 0; n < 4; n++) {
    await pause(20);
    gc();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function main(file: string, count: number, lines: number): Promise<void> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const store = await SqliteEventStore.open({ file });
  let path: BasketPath | null = new BasketPath(store, 1e9);
  await fillBaskets(path, count, lines);
  const counted = path.cache.status()[0]!.bytes;
  const filled = await inUse(gc);
  path = null;
  console.log(`${counted} counted, ${filled - (await inUse(gc))} taken`);
  await store.close();
}

if (require.main === module) void main(process.argv[2]!, Number(process.argv[3]), Number(process.argv[4]));
