import type { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import type { RecordedEvent } from '../../events';
import type { JsonObject } from '../../json';
import type { Position } from '../../position';

/** An event as it comes from the server. */
export type WireEvent = ReadResp.ReadEvent.RecordedEvent;

const DOLLAR = '$'.charCodeAt(0);
const ZEROS = '0'.repeat(20);
/** `created` counts units of 100 ns. */
const TICKS_PER_MILLISECOND_DIGITS = 4;

/** The server's own: its settings, metadata of streams, links, statistics. Events of the shop never begin with `$`. */
export const isSystemEvent = (event: WireEvent): boolean =>
  event.getStreamIdentifier()!.getStreamName_asU8()[0] === DOLLAR ||
  (event.getMetadataMap().get('type') ?? '').charCodeAt(0) === DOLLAR;

export const positionOfWire = (commit: string, prepare: string): Position => {
  const text = padded(commit);
  return { commit: text, prepare: prepare === commit ? text : padded(prepare) };
};

export const positionOfEvent = (event: WireEvent): Position =>
  positionOfWire(event.getCommitPosition(), event.getPreparePosition());

/** Bytes of data and metadata. */
export const sizeOf = (event: WireEvent): number => event.getData_asU8().length + event.getCustomMetadata_asU8().length;

/**
 * The event as the port knows it. Data or metadata that are no JSON object were not written by Chronocart: they are given as `{}`,
 * so the event keeps its place in stream and log, and whoever handles its type refuses it, because it has no version.
 */
export function recordedEventOf(event: WireEvent): RecordedEvent {
  const about = event.getMetadataMap();
  const isJson = about.get('content-type') === 'application/json';
  return {
    id: event.getId()!.getString(),
    stream: textOf(event.getStreamIdentifier()!.getStreamName_asU8()),
    revision: Number(event.getStreamRevision()),
    position: positionOfEvent(event),
    recordedAt: isoOfTicks(about.get('created') ?? '0'),
    type: about.get('type') ?? '',
    data: isJson ? objectOf(event.getData_asU8()) : {},
    metadata: objectOf(event.getCustomMetadata_asU8()),
  };
}

function objectOf(bytes: Uint8Array): JsonObject {
  if (bytes.length === 0) return {};
  try {
    const value: unknown = JSON.parse(textOf(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
  } catch {
    return {};
  }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();

const padded = (decimal: string): string => ZEROS.slice(decimal.length) + decimal;

let lastMilliseconds = NaN;
let lastIso = '';

/** Events that were written together have one time: it is put into words once. */
function isoOfTicks(ticks: string): string {
  const milliseconds = Number(ticks.slice(0, -TICKS_PER_MILLISECOND_DIGITS));
  if (milliseconds !== lastMilliseconds) {
    lastIso = new Date(milliseconds).toISOString();
    lastMilliseconds = milliseconds;
  }
  return lastIso;
}
