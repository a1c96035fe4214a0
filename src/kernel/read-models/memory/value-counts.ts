import type { JsonObject } from '../../json';
import { checkPath, isScalar, parseFilter } from '../query-language';
import type { Members, ValueCounts } from '../read-model-store';
import type { Entry } from './entry';
import { matcherOf, type Matcher } from './matcher';
import type { Steps } from './steps';
import { isDocument, plainAt, type Path } from './values';

type Counts = Map<string | number | boolean, number>;

/** How many of the entries have each value at the path; the members of a list one by one. @throws QueryTimedOut */
export function countValues(entries: readonly Entry[], path: string, steps: Steps): ValueCounts {
  const names = path.split('.');
  const counts: Counts = new Map();
  for (const entry of entries) {
    steps.tick();
    for (const value of valuesAt(path === '_id' ? entry.id : plainAt(entry.document!, names))) count(counts, value);
  }
  return counts;
}

/** Documents in a list of a document, and which of them are meant. */
export interface MatchingMembers {
  readonly list: Path;
  readonly matches: Matcher;
}

/** @throws UnsupportedQuery */
export function membersOf(members: Members | undefined): MatchingMembers | null {
  if (!members) return null;
  checkPath(members.of);
  return { list: members.of.split('.'), matches: matcherOf(parseFilter(members.that)) };
}

/** How many of the entries have each value at the path of one of the members at least. @throws QueryTimedOut */
export function countValuesOfMembers(
  entries: readonly Entry[],
  { list, matches }: MatchingMembers,
  path: string,
  steps: Steps,
): ValueCounts {
  const names = path.split('.');
  const counts: Counts = new Map();
  for (const { document } of entries) {
    const values = new Set<unknown>();
    for (const member of valuesAt(plainAt(document!, list))) {
      steps.tick();
      if (!isDocument(member) || !matches(member as JsonObject, member['_id'] as string)) continue;
      for (const value of valuesAt(plainAt(member as JsonObject, names))) values.add(value);
    }
    for (const value of values) count(counts, value);
  }
  return counts;
}

const valuesAt = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

function count(counts: Counts, value: unknown): void {
  if (isScalar(value) && value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
}
