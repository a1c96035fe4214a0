import type { Json } from '../kernel/json';

/** An item before and after; undefined: it was not there before, or is not any more. */
export type Pair = readonly [before: Json | undefined, after: Json | undefined];

/** Lists whose sizes multiply to more than this are compared place by place: everything else would take too long. */
const MOST_WORK = 250_000;

/**
 * Which item of a list became which: equal ones stay together, and so do those of one id, whatever else of them has changed. What
 * is left between them is paired in its order.
 */
export function aligned(
  before: readonly Json[],
  after: readonly Json[],
  isSame: (a: Json, b: Json) => boolean,
): Pair[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && isSame(before[start]!, after[start]!)) start++;
  let end = 0;
  while (end < shorter - start && isSame(before.at(-1 - end)!, after.at(-1 - end)!)) end++;
  const was = before.slice(start, before.length - end);
  const is = after.slice(start, after.length - end);
  const paired = (items: readonly Json[], others: readonly Json[]): Pair[] =>
    items.map((item, n): Pair => [item, others[n]]);
  return [
    ...paired(before.slice(0, start), after),
    ...(was.length * is.length > MOST_WORK ? inOrder(was, is) : kept(was, is, isSame)),
    ...paired(before.slice(before.length - end), after.slice(after.length - end)),
  ];
}

/** Keeps the longest sequence of items that are the same thing before and after. */
function kept(was: readonly Json[], is: readonly Json[], isSame: (a: Json, b: Json) => boolean): Pair[] {
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  for (const [a, b] of commonItems(was, is, (x, y) => isOneThing(x, y, isSame))) {
    pairs.push(...between(was.slice(i, a), is.slice(j, b)), [was[a]!, is[b]!]);
    [i, j] = [a + 1, b + 1];
  }
  return [...pairs, ...between(was.slice(i), is.slice(j))];
}

/** Items that found no partner: those without an id may have been changed in place; another id is another thing. */
function between(was: readonly Json[], is: readonly Json[]): Pair[] {
  const mayChange = [...was, ...is].every((item) => idOf(item) === undefined);
  if (mayChange) return inOrder(was, is);
  return [...was.map((item): Pair => [item, undefined]), ...is.map((item): Pair => [undefined, item])];
}

const inOrder = (was: readonly Json[], is: readonly Json[]): Pair[] =>
  Array.from({ length: Math.max(was.length, is.length) }, (_, n): Pair => [was[n], is[n]]);

function isOneThing(a: Json, b: Json, isSame: (a: Json, b: Json) => boolean): boolean {
  const id = idOf(a);
  return id === undefined ? isSame(a, b) : id === idOf(b);
}

/** What tells an item of a list from the others: its first member that is named as an id. */
function idOf(item: Json): string | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
  const [, id] = Object.entries(item).find(([name]) => name === 'id' || name.endsWith('Id')) ?? [];
  return typeof id === 'string' ? id : undefined;
}

/** The longest common subsequence of two lists, as pairs of places. */
function commonItems(a: readonly Json[], b: readonly Json[], isOne: (x: Json, y: Json) => boolean): [number, number][] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number): number => lengths[i]![j]!;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i]![j] = isOne(a[i]!, b[j]!) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (isOne(a[i]!, b[j]!)) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}
