import { StoreReplaced, StoreWatch } from '#src/kernel/event-store/store-watch';
import { type Position, positionOf } from '#src/kernel/position';
import { until } from '../support/meters';

let heads: (Position | null | 'away')[];
let watch: StoreWatch;
let replaced: StoreReplaced[];
let looks: number;

/** Answers one after another, and the last one for ever. */
const head = async (): Promise<Position | null> => {
  const next = heads[Math.min(looks++, heads.length - 1)]!;
  if (next === 'away') throw new Error('The store is away.');
  return next;
};

function start(...answers: typeof heads): void {
  heads = answers;
  looks = 0;
  replaced = [];
  watch = new StoreWatch({ head }, (error) => replaced.push(error), 1);
  watch.start();
}

afterEach(() => watch.stop());

describe('whoever watches an event store', () => {
  it('notices that its log ends before where it ended, and says what to do, once', async () => {
    start(positionOf(5), positionOf(9), positionOf(7));
    await until(() => replaced.length > 0);
    expect(replaced[0]!.message).toMatch(/put back from an older backup.*npm start -- --restore/);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(replaced).toHaveLength(1);
  });

  it('notices that it is empty', async () => {
    start(positionOf(5), null);
    await until(() => replaced.length > 0);
  });

  it('says nothing of one that grows, or that is away for a while', async () => {
    start(null, positionOf(5), 'away', 'away', positionOf(5), positionOf(6));
    await until(() => looks > 10);
    expect(replaced).toEqual([]);
  });

  it('notices it also when it was away in between', async () => {
    start(positionOf(5), 'away', positionOf(4));
    await until(() => replaced.length > 0);
  });
});
