import { InvalidInstant, parseInstant, textOfInstant, textOfPosition } from '../../kernel/instant';
import { comparePositions, positionOfStamp } from '../../kernel/position';
import type { CopyManifest } from '../columnar/copy-manifest';
import { assertInOrder } from '../moments-in-order';
import type { LogInstant } from '../sql/event-views';

/** The part of the log that a report is about: from the first event of a moment to the last of another. */
export interface ReportStretch {
  /** null: from the beginning. */
  readonly from: LogInstant | null;
  /** null: up to now. */
  readonly to: LogInstant | null;
}

/** @throws InvalidInstant when a text is no moment of a log, or the end is before the beginning */
export function parseStretch(from: string | undefined, to: string | undefined): ReportStretch {
  const stretch = {
    from: from === undefined ? null : instantOfLog(from),
    to: to === undefined ? null : instantOfLog(to),
  };
  assertInOrder(stretch.from, stretch.to);
  return stretch;
}

/** @throws InvalidInstant when the text is no moment of a log */
export function instantOfLog(text: string): LogInstant {
  const instant = parseInstant(text);
  if (instant.kind !== 'revision') return instant;
  throw new InvalidInstant(`${text} is a place in one stream; give a time or a position here.`);
}

/** What is not yet in the log can't be reported: the same report would be another one later. @throws InvalidInstant */
export function assertWithin({ from, to }: ReportStretch, { asOf }: Pick<CopyManifest, 'asOf'>): void {
  const end = asOf && positionOfStamp(asOf.position);
  for (const instant of [from, to]) {
    if (instant?.kind !== 'position' || comparePositions(instant.position, end) <= 0) continue;
    const ends = end ? `ends at ${textOfPosition(end)}` : 'is empty';
    throw new InvalidInstant(`The position ${textOfPosition(instant.position)} lies after the log, which ${ends}.`);
  }
}

/** As they were asked for; null: they were not. */
export const textsOf = ({ from, to }: ReportStretch) => ({
  from: from && textOfInstant(from),
  to: to && textOfInstant(to),
});
