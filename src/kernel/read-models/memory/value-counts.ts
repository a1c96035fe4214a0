import { isScalar } from '../query-language';
import type { ValueCounts } from '../read-model-store';
import type { Entry } from './entry';
import type { Steps } from './steps';
import { plainAt } from './values';

/** How many of the entries have each value at the path; the members of a list one by one. @throws QueryTimedOut */
export function countValues(entries: readonly Entry[], path: string, steps: Steps): ValueCounts {
  const names = path.split('.');
  const counts = new Map<string | number | boolean, number>();
  const count = (value: unknown): void => {
    if (isScalar(value) && value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  };
  for (const entry of entries) {
    steps.tick();
    const value = path === '_id' ? entry.id : plainAt(entry.document!, names);
    if (Array.isArray(value)) value.forEach(count);
    else count(value);
  }
  return counts;
}
