import type { RecordedEvent } from '../../kernel/events';
import type { JsonObject } from '../../kernel/json';
import { isSnapshotStream } from '../../kernel/aggregate';
import { positionOfStamp, stampOf } from '../../kernel/position';

/** Data and metadata of an event as JSON: most of the work of writing an event in any form, so it is done once. */
export interface EventTexts {
  readonly data: string;
  readonly metadata: string;
}

export const textsOf = ({ data, metadata }: Pick<RecordedEvent, 'data' | 'metadata'>): EventTexts => ({
  data: JSON.stringify(data),
  metadata: JSON.stringify(metadata),
});

/**
 * The event as one line of an export, without its line break: just what is stored, members in this order, data and metadata with
 * their members as they were stored. The same event gives the same line, whichever store it is read from.
 */
export function lineOf(event: RecordedEvent, { data, metadata }: EventTexts = textsOf(event)): string {
  const { position, stream, revision, id, recordedAt, type } = event;
  const head = JSON.stringify({ position: stampOf(position), stream, revision, id, recordedAt, type });
  return `${head.slice(0, -1)},"data":${data},"metadata":${metadata}}`;
}

/** A line is not one that `lineOf` writes. */
export class NotALogLine extends Error {
  constructor(why: string) {
    super(`This is not an event as an export writes it: ${why}.`);
    this.name = 'NotALogLine';
  }
}

const STAMP = /^\d{20}\/\d{20}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The event of a line. @throws NotALogLine unless `lineOf` gives the very same line for it */
export function eventOfLine(line: string): RecordedEvent {
  const event = eventOf(parsed(line));
  if (lineOf(event) !== line) throw new NotALogLine('it is written in another way');
  return event;
}

function parsed(line: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new NotALogLine('it is not JSON');
  }
  if (!isObject(value)) throw new NotALogLine('it is not a JSON object');
  return value;
}

function eventOf(line: JsonObject): RecordedEvent {
  const text = (name: string, pattern: RegExp): string => {
    const value = line[name];
    if (typeof value !== 'string' || !pattern.test(value)) throw new NotALogLine(`its ${name} is malformed`);
    return value;
  };
  const object = (name: string): JsonObject => {
    const value = line[name];
    if (!isObject(value)) throw new NotALogLine(`its ${name} is no object`);
    return value;
  };
  const revision = line['revision'];
  if (!Number.isSafeInteger(revision) || (revision as number) < 0) throw new NotALogLine('its revision is malformed');
  return {
    position: positionOfStamp(text('position', STAMP)),
    stream: text('stream', /./),
    revision: revision as number,
    id: text('id', UUID),
    recordedAt: text('recordedAt', TIME),
    type: text('type', /./),
    data: object('data'),
    metadata: object('metadata'),
  };
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Snapshots of aggregates are replaced by newer ones, so they are no part of the history. */
export const isHistory = ({ stream }: Pick<RecordedEvent, 'stream'>): boolean => !isSnapshotStream(stream);
