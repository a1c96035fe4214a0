import fc from 'fast-check';
import { PostingList } from '#src/kernel/read-models/memory/posting-list';

/** Slots of a dense beginning and of a wide range: both forms, and the changes between them. */
const slot = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 50_000 }));
const range = fc.record({
  from: fc.integer({ min: 0, max: 3_000 }),
  count: fc.integer({ min: 1, max: 400 }),
  every: fc.constantFrom(1, 2, 31, 32, 33, 70),
});
const step = fc.record({
  adds: fc.boolean(),
  slots: fc.oneof(
    slot.map((one) => [one]),
    range.map(slotsOf),
  ),
});

function slotsOf({ from, count, every }: { from: number; count: number; every: number }): number[] {
  return Array.from({ length: count }, (_, n) => from + n * every);
}

describe('PostingList', () => {
  it('is a set of slots in ascending order, however many there are', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const list = new PostingList();
        const model = new Set<number>();
        for (const { adds, slots } of steps) {
          for (const each of slots) {
            if (adds) {
              list.add(each);
              model.add(each);
            } else {
              list.delete(each);
              model.delete(each);
            }
          }
          expect(list.size).toBe(model.size);
          expect(slots.map((each) => list.has(each))).toEqual(slots.map((each) => model.has(each)));
          const visited: number[] = [];
          list.forEach((each) => visited.push(each));
          expect(visited).toEqual([...model].sort((a, b) => a - b));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('forgets all but the last of very many', () => {
    const list = new PostingList();
    for (let each = 0; each < 50_000; each++) list.add(each);
    for (let each = 0; each < 49_990; each++) list.delete(each);
    const visited: number[] = [];
    list.forEach((each) => visited.push(each));
    expect(visited).toEqual(Array.from({ length: 10 }, (_, n) => 49_990 + n));
    expect(list.has(49_989)).toBe(false);
    expect(list.has(1_000_000)).toBe(false);
  });
});
