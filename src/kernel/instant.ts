import type { RecordedEvent } from './events';
import { comparePositions, padded, type Position } from './position';

/** A moment of the history, as people name it. */
export type Instant =
  /** ISO 8601, UTC, milliseconds: everything before the first event, in log order, that was recorded after it. */
  | { readonly kind: 'time'; readonly time: string }
  /** Everything up to this position; there need not be an event at it. */
  | { readonly kind: 'position'; readonly position: Position }
  /** Everything up to the event of this revision, of the stream that is asked for. */
  | { readonly kind: 'revision'; readonly revision: number }
  | { readonly kind: 'now' };

/** A text names no moment, or one that the log does not have. The message is one sentence that says what would. */
export class InvalidInstant extends Error {
  constructor(
    message: string,
    /** The same without what was given, for answers to who may be somebody else than who gave it. */
    readonly unquoted = message,
  ) {
    super(message);
    this.name = 'InvalidInstant';
  }
}

/** What may stand for an instant, for messages and help. */
export const INSTANTS =
  'a time (2026-01-31T12:00:00Z; a date is its first moment, in UTC), a position (a number, or commit/prepare), revision:N, or now';

const POSITION = /^(\d{1,20})(?:\/(\d{1,20}))?$/;
const REVISION = /^revision:(\d{1,15})$/;
const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/** Times without an offset are UTC. @throws InvalidInstant */
export function parseInstant(text: string): Instant {
  if (text === 'now') return { kind: 'now' };
  const [, revision] = REVISION.exec(text) ?? [];
  if (revision !== undefined) return { kind: 'revision', revision: Number(revision) };
  const [, commit, prepare = commit] = POSITION.exec(text) ?? [];
  if (commit !== undefined && prepare !== undefined)
    return { kind: 'position', position: { commit: padded(BigInt(commit)), prepare: padded(BigInt(prepare)) } };
  const time = timeOf(text);
  if (time === null) {
    const told = (what: string) => `${what} is no moment of the history; give ${INSTANTS}.`;
    throw new InvalidInstant(told(JSON.stringify(text)), told('This'));
  }
  return { kind: 'time', time };
}

function timeOf(text: string): string | null {
  const [, date, minutes = '00:00', seconds = ':00', offset = 'Z'] = TIME.exec(text) ?? [];
  if (date === undefined) return null;
  // A day that its month does not have would be taken for one of the next month.
  const isDay = isoOf(`${date}T00:00:00Z`)?.startsWith(date) ?? false;
  return isDay ? isoOf(`${date}T${minutes}${seconds}${offset.toUpperCase()}`) : null;
}

function isoOf(text: string): string | null {
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds).toISOString();
}

/** The same moment for streams beside the one whose newest event of then is at `position`; null: nothing had happened in it. */
export const inOtherStreams = (instant: Instant, position: Position | null): Instant =>
  instant.kind === 'revision' && position ? { kind: 'position', position } : instant;

/** How an instant is written: what `parseInstant` reads. */
export function textOfInstant(instant: Instant): string {
  switch (instant.kind) {
    case 'time':
      return instant.time;
    case 'position':
      return textOfPosition(instant.position);
    case 'revision':
      return `revision:${instant.revision}`;
    case 'now':
      return 'now';
  }
}

/** A position as a person types it: without its zeros, and one number where both parts are the same. */
export function textOfPosition({ commit, prepare }: Position): string {
  const [first, second] = [commit, prepare].map((part) => part.replace(/^0+(?=\d)/, ''));
  return first === second ? `${first}` : `${first}/${second}`;
}

/** Whether an event belongs to what was then. In a stream, and in the log, the first one that does not ends it. */
export function covers(
  instant: Instant,
  { recordedAt, position, revision }: Pick<RecordedEvent, 'recordedAt' | 'position' | 'revision'>,
): boolean {
  switch (instant.kind) {
    case 'time':
      return recordedAt <= instant.time;
    case 'position':
      return comparePositions(position, instant.position) <= 0;
    case 'revision':
      return revision <= instant.revision;
    case 'now':
      return true;
  }
}
