import type { Cause, EventReference } from '../causes';
import type { Difference } from '../differences';
import type { Step } from '../stream-history';
import { textOfPosition } from '../../kernel/instant';
import { positionOfStamp } from '../../kernel/position';
import { nameView, type AsOf } from '../views';
import { columns, shortly } from './describe';

/** Characters of a value in a list of differences; `--json` has all of it. */
const MOST = 100;

/** Differences for people: `+` what came, `-` what went, and `before → after`. */
export function describeDifferences(changes: readonly Difference[], indent = 2): string[] {
  if (changes.length === 0) return [`${' '.repeat(indent)}nothing changed`];
  return columns(
    changes.map((change) => [`${SIGNS[change.op]} ${change.path || '/'}`, valuesOf(change)]),
    indent,
  );
}

const SIGNS: Readonly<Record<Difference['op'], string>> = { add: '+', remove: '-', replace: '~' };

function valuesOf(change: Difference): string {
  if (change.op === 'add') return shortly(change.after, MOST);
  if (change.op === 'remove') return shortly(change.before, MOST);
  const [before, after] = [shortly(change.before, MOST), shortly(change.after, MOST)];
  // A value may be sealed anew, or differ after the place where it is cut off.
  return before === after ? `${before} → another value` : `${before} → ${after}`;
}

/** One event: what it is and where, when, by whom and why, and what it changed. */
export function describeStep({ event, changes }: Step, cause: Cause): string[] {
  const { revision, type, recordedAt, position, metadata } = event;
  return [
    `${revision}  ${type}  ${recordedAt}  at ${textOfPosition(position)}`,
    `  by ${metadata.actor.kind} ${metadata.actor.id}, ${describeCause(cause)}`,
    ...describeDifferences(changes),
    '',
  ];
}

/** Why, as the rest of a sentence. */
function describeCause({ commandId, command, reaction, event, timeout }: Cause): string {
  const because = timeout === null ? event && nameOf(event) : `the timeout ${timeout}`;
  if (command !== null && reaction !== null)
    return `by its command ${command}${because ? ` because of ${because}` : ''}`;
  return because ? `because of ${because}` : `by command ${commandId}`;
}

const nameOf = ({ type, stream, revision }: EventReference): string => `${type} at ${stream}/${revision}`;

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
