import type { NewEvent } from '../events';
import { AppendTooLarge, MAX_APPEND_BYTES, MAX_APPEND_EVENTS, type StreamMetadata } from './event-store';

/** An event with its data and metadata as the JSON texts that are stored. */
export interface EncodedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/** Printable, without white space, and not `$…`, which EventStoreDB keeps for itself. */
const NAME = /^[^\s\p{C}$][^\s\p{C}]*$/u;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MOST_BYTES_PER_UTF16_UNIT = 3;

/**
 * What every adapter does with an append first, so that all of them refuse the same: checks names, ids and limits, and turns
 * data and metadata into JSON, once.
 * @throws AppendTooLarge above `MAX_APPEND_EVENTS` or `MAX_APPEND_BYTES`
 * @throws TypeError for an append without events, a name that no store can hold, an id that is not a lower-case UUID, or a
 *   value that JSON has no text for (all defects of the caller)
 */
export function encodeAppend(stream: string, events: readonly NewEvent[]): EncodedEvent[] {
  assertStreamName(stream);
  if (events.length === 0) throw new TypeError(`An append to ${stream} has no events.`);
  if (events.length > MAX_APPEND_EVENTS) {
    throw new AppendTooLarge(`An append to ${stream} has ${events.length} events; at most ${MAX_APPEND_EVENTS} fit.`);
  }
  const encoded = events.map(({ id, type, data, metadata }) => {
    if (!UUID.test(id)) throw new TypeError(`${JSON.stringify(id)} is not the id of an event (a lower-case UUID).`);
    if (!NAME.test(type)) throw new TypeError(`${JSON.stringify(type)} is not a type of event.`);
    return { id, type, data: JSON.stringify(data), metadata: JSON.stringify(metadata) };
  });
  const bytes = bytesOf(encoded);
  if (bytes > MAX_APPEND_BYTES) {
    throw new AppendTooLarge(`An append to ${stream} has ${bytes} bytes; at most ${MAX_APPEND_BYTES} fit.`);
  }
  return encoded;
}

/** @throws TypeError unless every member is a whole number from 1 on */
export function assertStreamMetadata(stream: string, metadata: StreamMetadata): void {
  assertStreamName(stream);
  for (const [name, value] of Object.entries(metadata) as [string, number | undefined][]) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) continue;
    throw new TypeError(`${name} of stream ${stream} is ${value}; it must be a whole number from 1 on.`);
  }
}

function assertStreamName(stream: string): void {
  if (!NAME.test(stream)) throw new TypeError(`${JSON.stringify(stream)} is not a name for a stream.`);
}

/** Length of data and metadata in UTF-8; where even the worst case is within the limit, that worst case. */
function bytesOf(events: readonly EncodedEvent[]): number {
  let units = 0;
  for (const { data, metadata } of events) units += data.length + metadata.length;
  if (units * MOST_BYTES_PER_UTF16_UNIT <= MAX_APPEND_BYTES) return units * MOST_BYTES_PER_UTF16_UNIT;
  let bytes = 0;
  for (const { data, metadata } of events) bytes += Buffer.byteLength(data) + Buffer.byteLength(metadata);
  return bytes;
}
