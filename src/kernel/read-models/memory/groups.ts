import type { JsonObject } from '../../json';
import type { Stage } from '../pipeline-language';
import type { Scalar } from '../query-language';
import type { Entry } from './entry';
import type { Steps } from './steps';
import { LISTED, plainAt } from './values';

/** `$unwind: '$f'` (perhaps) and `$group: { _id: '$f', n: { $sum: 1 } }`: how often each value of a field occurs. */
export interface CountStages {
  readonly path: string;
  readonly unwound: boolean;
  /** Names of the fields that hold the count. */
  readonly names: readonly string[];
  /** How many stages these are. */
  readonly length: number;
}

/** The stages as a count of values, if that is how they begin. */
export function countStages(stages: readonly Stage[]): CountStages | null {
  const unwind = stages[0]?.name === '$unwind' ? stages[0] : null;
  const group = stages[unwind ? 1 : 0];
  if (group?.name !== '$group' || group.by === null || group.counts === null) return null;
  if (unwind && unwind.path !== group.by) return null;
  return { path: group.by, unwound: unwind !== null, names: group.counts, length: unwind ? 2 : 1 };
}

/** Counts over the entries themselves; null where a value is no scalar. @throws QueryTimedOut */
export function countValues(
  entries: readonly Entry[],
  { path, unwound }: CountStages,
  steps: Steps,
): Map<Scalar, number> | null {
  const names = path.split('.');
  const counts = new Map<Scalar, number>();
  const count = (value: unknown): boolean => {
    if (typeof value === 'object' && value !== null) return false;
    const key = (value ?? null) as Scalar;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return true;
  };
  for (const entry of entries) {
    steps.tick();
    const value = path === '_id' ? entry.id : plainAt(entry.document!, names);
    if (value === LISTED) return null;
    if (!unwound) {
      if (!count(value)) return null;
    } else if (Array.isArray(value)) {
      for (const member of value) if (!count(member)) return null;
    } else if (value != null && !count(value)) return null;
  }
  return counts;
}

/** The counts as the documents that `$group` makes of them. */
export const groupsOf = (counts: ReadonlyMap<Scalar, number>, names: readonly string[]): JsonObject[] =>
  Array.from(counts, ([_id, n]) => ({ _id, ...Object.fromEntries(names.map((name) => [name, n])) }));
