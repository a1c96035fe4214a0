import { isScalar, type Condition, type Scalar } from '../query-language';
import type { Bound, Bounds } from './sorted-index';
import { compareValues } from './values';

/**
 * Between which values a document's value at `path` must lie so that all conditions can hold; null: anywhere. It may be
 * wider than the conditions, never narrower. `list`: the field may hold a list, of which each condition may be met by another
 * member, so that only one of the conditions can narrow it.
 */
export function boundsOf(conditions: readonly Condition[], path: string, list: boolean): Bounds | null {
  const all = conditions.map((condition) => ofOne(condition, path, list)).filter((bounds) => bounds !== null);
  if (all.length === 0) return null;
  return list ? (all[0] as Bounds) : all.reduce(intersection);
}

function ofOne(condition: Condition, path: string, list: boolean): Bounds | null {
  switch (condition.kind) {
    case 'and':
      return boundsOf(condition.of, path, list);
    case 'or':
      return condition.of.map((each) => ofOne(each, path, list)).reduce(hull);
    case 'equals':
      return condition.path === path && isScalar(condition.value) ? exactly(condition.value) : null;
    case 'in':
      // Values far apart would give a wide range; postings answer it better.
      return null;
    case 'range': {
      if (condition.path !== path) return null;
      const { operator, value } = condition;
      const bound = { value, inclusive: operator === '$gte' || operator === '$lte' };
      // A range holds only for values of its own type.
      return operator === '$gt' || operator === '$gte'
        ? { low: bound, ...below(value) }
        : { ...above(value), high: bound };
    }
    case 'some':
      // One and the same member meets all of them. (Members of a member that is a list itself are not in the index.)
      return condition.path === path && path !== '' && condition.members === 'values'
        ? boundsOf(condition.of, '', false)
        : null;
  }
}

const exactly = (value: Scalar): Bounds => ({ low: { value, inclusive: true }, high: { value, inclusive: true } });

/** The end of the type of `value`: numbers end before the first string; nothing is put after strings but what is no scalar. */
const below = (value: number | string): Bounds =>
  typeof value === 'number' ? { high: { value: Infinity, inclusive: true } } : {};

const above = (value: number | string): Bounds => ({
  low: { value: typeof value === 'number' ? -Infinity : '', inclusive: true },
});

function intersection(a: Bounds, b: Bounds): Bounds {
  return { ...end('low', narrower(a.low, b.low, 1)), ...end('high', narrower(a.high, b.high, -1)) };
}

function hull(a: Bounds | null, b: Bounds | null): Bounds | null {
  if (!a || !b) return null;
  return {
    ...end('low', a.low && b.low && wider(a.low, b.low, 1)),
    ...end('high', a.high && b.high && wider(a.high, b.high, -1)),
  };
}

const end = (name: 'low' | 'high', bound: Bound | undefined): Bounds => (bound ? { [name]: bound } : {});

/** `side` 1: of two lower ends the higher one; -1: of two upper ends the lower one. */
function narrower(a: Bound | undefined, b: Bound | undefined, side: 1 | -1): Bound | undefined {
  if (!a || !b) return a ?? b;
  const order = compareValues(a.value, b.value) * side;
  return order === 0 ? { value: a.value, inclusive: a.inclusive && b.inclusive } : order > 0 ? a : b;
}

function wider(a: Bound, b: Bound, side: 1 | -1): Bound {
  const order = compareValues(a.value, b.value) * side;
  return order === 0 ? { value: a.value, inclusive: a.inclusive || b.inclusive } : order < 0 ? a : b;
}
