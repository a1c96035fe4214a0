import { textOfPosition } from '../../kernel/instant';
import { positionOfStamp } from '../../kernel/position';
import { nameView, type AsOf } from '../views';

/** Rows that say which stream an answer is about. */
export function nameRow(stream: string): [string, string] {
  const { orderNumber } = nameView(stream);
  return ['stream', orderNumber === undefined ? stream : `${stream}  order ${orderNumber}`];
}

/** `now, position 1234, revision 3 of 2026-01-31T12:00:00.000Z`. */
export function momentText({ asked, position, revision, recordedAt }: AsOf): string {
  const parts = [asked];
  if (position !== null) parts.push(`position ${textOfPosition(positionOfStamp(position))}`);
  parts.push(revision === null ? 'before its first event' : `revision ${revision} of ${recordedAt}`);
  return parts.join(', ');
}
