import type { RecordedEvent } from '../../events';
import type { JsonObject } from '../../json';
import { type Position, positionOf } from '../../position';
import { WireReader } from './wire-reader';

/** Field numbers of streams.proto and shared.proto. */
const RESPONSE = { event: 1, caughtUp: 8, fellBehind: 9 };
const READ_EVENT = { event: 1 };
const EVENT = { id: 1, stream: 2, revision: 3, prepare: 4, commit: 5, about: 6, metadata: 7, data: 8 };
const UUID = { text: 2 };
const STREAM_IDENTIFIER = { name: 3 };
const MAP_ENTRY = { key: 1, value: 2 };

const JSON_CONTENT = 'application/json';
/** `created` counts units of 100 ns since 1970. */
const DIGITS_BELOW_A_MILLISECOND = 4;

const BEGINNING: Position = positionOf(0);

/** What a read or a subscription is answered with, message by message. */
export interface ReadResponse {
  readonly event: WireEvent | null;
  readonly caughtUp: boolean;
  readonly fellBehind: boolean;
}

/** An event as it was sent. Its content is taken out of the bytes when it is asked for. */
export class WireEvent {
  id = '';
  stream = '';
  type = '';
  revision = 0;
  position = BEGINNING;
  contentType = '';
  /** Decimal, in units of 100 ns. */
  created = '0';
  /** Where data and metadata begin and end in the bytes. */
  data = [0, 0];
  metadata = [0, 0];

  constructor(private readonly bytes: Buffer) {}

  /** Of the server's own making: its settings, metadata of streams, links, statistics. Events of the shop never begin with `$`. */
  get isOfSystem(): boolean {
    return this.stream.startsWith('$') || this.type.startsWith('$');
  }

  /** Bytes of the message. */
  get size(): number {
    return this.bytes.length;
  }

  /**
   * As the port knows it. Data or metadata that are no JSON object were not written by Chronocart: they are given as `{}`, so the
   * event keeps its place in stream and log, and whoever handles its type refuses it, because it has no version.
   */
  recorded(): RecordedEvent {
    return {
      id: this.id,
      stream: this.stream,
      revision: this.revision,
      position: this.position,
      recordedAt: isoOfTicks(this.created),
      type: this.type,
      data: this.contentType === JSON_CONTENT ? this.objectAt(this.data) : {},
      metadata: this.objectAt(this.metadata),
    };
  }

  private objectAt([start, end]: readonly number[]): JsonObject {
    if (start === end) return {};
    try {
      const value: unknown = JSON.parse(this.bytes.toString('utf8', start, end));
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
    } catch {
      return {};
    }
  }
}

const OTHER: ReadResponse = { event: null, caughtUp: false, fellBehind: false };
const CAUGHT_UP: ReadResponse = { ...OTHER, caughtUp: true };
const FELL_BEHIND: ReadResponse = { ...OTHER, fellBehind: true };

/**
 * Reads one message of the service `Read`. The generated classes of the client take three times as long, and a rebuild reads every
 * event of the shop.
 */
export function readResponse(bytes: Buffer): ReadResponse {
  const reader = new WireReader(bytes);
  for (let field = reader.field(bytes.length); field > 0; field = reader.field(bytes.length)) {
    if (field === RESPONSE.caughtUp) return CAUGHT_UP;
    if (field === RESPONSE.fellBehind) return FELL_BEHIND;
    if (field === RESPONSE.event) return { ...OTHER, event: eventIn(reader, bytes) };
    reader.skip();
  }
  return OTHER;
}

function eventIn(reader: WireReader, bytes: Buffer): WireEvent | null {
  const end = reader.end();
  for (let field = reader.field(end); field > 0; field = reader.field(end)) {
    if (field === READ_EVENT.event) return recordedEventIn(reader, bytes);
    reader.skip();
  }
  return null;
}

function recordedEventIn(reader: WireReader, bytes: Buffer): WireEvent {
  const event = new WireEvent(bytes);
  const end = reader.end();
  // What is zero is not sent.
  let { commit, prepare } = BEGINNING;
  for (let field = reader.field(end); field > 0; field = reader.field(end)) {
    switch (field) {
      case EVENT.id:
        event.id = textIn(reader, UUID.text);
        break;
      case EVENT.stream:
        event.stream = textIn(reader, STREAM_IDENTIFIER.name);
        break;
      case EVENT.revision:
        event.revision = reader.number();
        break;
      case EVENT.prepare:
        prepare = reader.digits();
        break;
      case EVENT.commit:
        commit = reader.digits();
        break;
      case EVENT.about:
        tellAbout(event, reader);
        break;
      case EVENT.metadata:
        event.metadata = placeOf(reader);
        break;
      case EVENT.data:
        event.data = placeOf(reader);
        break;
      default:
        reader.skip();
    }
  }
  event.position = { commit, prepare };
  return event;
}

/** An entry of the map that holds type, content type and time. */
function tellAbout(event: WireEvent, reader: WireReader): void {
  const end = reader.end();
  let key = '';
  let value = '';
  for (let field = reader.field(end); field > 0; field = reader.field(end)) {
    if (field === MAP_ENTRY.key) key = reader.text();
    else if (field === MAP_ENTRY.value) value = reader.text();
    else reader.skip();
  }
  if (key === 'type') event.type = value;
  else if (key === 'content-type') event.contentType = value;
  else if (key === 'created') event.created = value;
}

/** The text in a message of one text. */
function textIn(reader: WireReader, wanted: number): string {
  const end = reader.end();
  let text = '';
  for (let field = reader.field(end); field > 0; field = reader.field(end)) {
    if (field === wanted) text = reader.text();
    else reader.skip();
  }
  return text;
}

function placeOf(reader: WireReader): number[] {
  const end = reader.end();
  const place = [reader.at, end];
  reader.at = end;
  return place;
}

let lastMilliseconds = NaN;
let lastIso = '';

/** Events that were written together have one time: it is put into words once. */
function isoOfTicks(ticks: string): string {
  const milliseconds = Number(ticks.slice(0, -DIGITS_BELOW_A_MILLISECOND));
  if (milliseconds !== lastMilliseconds) {
    lastIso = new Date(milliseconds).toISOString();
    lastMilliseconds = milliseconds;
  }
  return lastIso;
}
