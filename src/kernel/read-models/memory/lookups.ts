import { isScalar, type Condition, type Scalar } from '../query-language';
import { boundsOf } from './bounds';
import type { Bounds, SortedIndex } from './sorted-index';

/** An equality that a hash index could answer. */
export interface Lookup {
  readonly path: string;
  readonly values: readonly Scalar[];
  /** The condition that it proves; null: it follows from one, but does not prove it. */
  readonly proves: Condition | null;
}

export function lookupsOf(conditions: readonly Condition[]): Lookup[] {
  return conditions.flatMap((condition): Lookup[] => {
    if (condition.kind === 'equals' && isScalar(condition.value))
      return [{ path: condition.path, values: [condition.value], proves: condition }];
    if (condition.kind === 'in') return [{ path: condition.path, values: condition.values, proves: condition }];
    return condition.kind === 'some' ? lookupsOfMembers(condition) : [];
  });
}

/** Where a member has a value, equality with it at the path of the member's field matches too. */
function lookupsOfMembers({ path: list, members, of }: Extract<Condition, { kind: 'some' }>): Lookup[] {
  if (members === 'values') {
    // The members of a member, which is a list itself, are not found by equality.
    const direct = lookupsOf(of.filter(({ kind }) => kind !== 'some'));
    return direct.map(({ values }) => ({ path: list, values, proves: null }));
  }
  return lookupsOf(of)
    .filter(({ values }) => !values.includes(null))
    .map(({ path, values }) => ({ path: `${list}.${path}`, values, proves: null }));
}

export const conjunctsOf = (condition: Condition): readonly Condition[] =>
  condition.kind === 'and' ? condition.of : [condition];

/** The values that the conditions fix for the first fields of the index. */
export function prefixOf(index: SortedIndex, conditions: readonly Condition[]): Scalar[] {
  const prefix: Scalar[] = [];
  for (const path of index.paths) {
    const fixed = conditions.find((condition) => condition.kind === 'equals' && condition.path === path);
    if (fixed?.kind !== 'equals' || !isScalar(fixed.value)) break;
    prefix.push(fixed.value);
  }
  return prefix;
}

/** Bounds of the field after the prefix; null: it is not bounded. */
export function nextBounds(
  index: SortedIndex,
  prefix: readonly Scalar[],
  conditions: readonly Condition[],
): Bounds | null {
  const path = index.paths[prefix.length];
  return path === undefined ? null : boundsOf(conditions, path, index.holdsLists(prefix.length));
}
