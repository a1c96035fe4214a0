import { InvalidInstant, type Instant, textOfInstant } from '../kernel/instant';
import { comparePositions } from '../kernel/position';

/**
 * That a stretch of the log does not end before it begins, as far as its moments alone tell: two times, or two positions. Which of a
 * time and a position is earlier, only the log knows.
 * @throws InvalidInstant
 */
export function assertInOrder(from: Instant | null, to: Instant | null): void {
  if (from !== null && to !== null && isAfter(from, to)) throw outOfOrder(from, to);
}

export const outOfOrder = (from: Instant, to: Instant): InvalidInstant =>
  new InvalidInstant(`It would begin at ${textOfInstant(from)}, after its end at ${textOfInstant(to)}.`);

function isAfter(from: Instant, to: Instant): boolean {
  if (from.kind === 'position' && to.kind === 'position') return comparePositions(from.position, to.position) > 0;
  const [begin, end] = [timeOf(from), timeOf(to)];
  return begin !== null && end !== null && begin > end;
}

/** In milliseconds; null: it has none. */
function timeOf(instant: Instant): number | null {
  if (instant.kind === 'now') return Date.now();
  return instant.kind === 'time' ? Date.parse(instant.time) : null;
}
