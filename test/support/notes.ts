import Type from 'typebox';
import { defineEvents, EventRegistry, v1 } from '#src/kernel/event-definitions';
import type { EventStore } from '#src/kernel/event-store/event-store';
import type { NewEvent } from '#src/kernel/events';
import { partsOf } from '#src/kernel/aggregate';
import { newId } from '#src/kernel/ids';
import type { JsonObject } from '#src/kernel/json';
import type { Position } from '#src/kernel/position';
import { cloudEventOf } from '#src/integration/cloud-event';
import { topicOf } from '#src/integration/contracts/public-contract';
import type { PublicRecords } from '#src/integration/kafka/public-records';

/* Notes and drafts: the smallest events that show whether the relay lost, doubled or disordered something. */

/** Both are published, each in a topic of its own; thoughts are not. */
export const notesRegistry = new EventRegistry([
  defineEvents('note', { Noted: v1({ text: Type.String() }) }),
  defineEvents('draft', { Drafted: v1({ text: Type.String() }) }),
  defineEvents('thought', { Thought: v1({}) }),
]);

export const STORE_ID = '0198c0de-0000-7000-8000-00000000000a';
export const OTHER_STORE_ID = '0198c0de-0000-7000-8000-00000000000b';

const CONTEXT: Readonly<Record<string, string>> = { note: 'notes', draft: 'drafts' };

/** A text that can't be published. */
export const UNSPEAKABLE = 'unspeakable';

export const noteRecords: PublicRecords = {
  handles: new Set(['Noted', 'Drafted']),
  aggregates: new Set(Object.keys(CONTEXT)),
  topics: [
    { context: 'notes', version: 1 },
    { context: 'drafts', version: 1 },
  ],
  recordOf: (event) => {
    const { aggregate, id: subject } = partsOf(event.stream);
    const context = CONTEXT[aggregate]!;
    const { text } = event.data as { text?: string };
    if (text === undefined || text === UNSPEAKABLE) throw new Error('It can’t be said in public.');
    const type = `chronocart.${context}.${event.type.toLowerCase()}.v1`;
    const published = {
      id: event.id,
      type,
      subject,
      sequence: event.revision + 1,
      time: event.recordedAt,
      recordedAt: event.recordedAt,
      dataSchema: `schemas/${type}.json`,
      correlationId: event.id,
      causationId: event.id,
      data: { text },
    };
    const origin = { storeId: STORE_ID, publicUrl: 'https://shop.example' };
    return { context, record: cloudEventOf(context, published, origin) };
  },
};

export const topicsOf = (prefix: string): string[] => noteRecords.topics.map((topic) => topicOf(prefix, topic));

/** A topic prefix that no other test uses. */
export const newPrefix = (): string => `t${newId().replaceAll('-', '')}`;

export function newNote(type: string, data: JsonObject): NewEvent {
  const id = newId();
  const actor = { kind: 'system', id: STORE_ID };
  const ids = { commandId: id, payloadHash: '', correlationId: id, causationId: id };
  return { id, type, data, metadata: { v: 1, ...ids, actor, occurredAt: new Date().toISOString() } };
}

/** Writes notes, drafts and thoughts into many streams, in turn. */
export class NoteWriter {
  private readonly streams: { readonly name: string; readonly type: string; revision: number }[];
  private turn = 0;
  /** Ids of what is to be published, by stream, in order. */
  readonly published = new Map<string, string[]>();

  constructor(
    private readonly store: EventStore,
    keys = 20,
  ) {
    this.streams = Array.from({ length: keys }, (_, n) => {
      const [aggregate, type] =
        n % 10 === 9 ? ['thought', 'Thought'] : n % 3 === 2 ? ['draft', 'Drafted'] : ['note', 'Noted'];
      return { name: `${aggregate}-${newId()}`, type, revision: -1 };
    });
  }

  /** How many are to be published. */
  get count(): number {
    return [...this.published.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Appends so many events, a few at a time to each stream. */
  async write(events: number, atOnce = 5): Promise<void> {
    const appends: Promise<unknown>[] = [];
    for (let left = events; left > 0; left -= atOnce) appends.push(this.append(Math.min(atOnce, left)));
    await Promise.all(appends);
  }

  /** Appends one event to a stream of its own. */
  async writeOne(type: string, data: JsonObject): Promise<NewEvent & { readonly position: Position }> {
    const event = newNote(type, data);
    const stream = `note-${newId()}`;
    const { position } = await this.store.append(stream, 'no_stream', [event]);
    this.published.set(stream, [event.id]);
    return { ...event, position };
  }

  private append(count: number): Promise<unknown> {
    const stream = this.streams[this.turn++ % this.streams.length]!;
    const { name, type, revision } = stream;
    const events = Array.from({ length: count }, () =>
      newNote(type, type === 'Thought' ? {} : { text: `Remember the milk of ${name}.` }),
    );
    stream.revision += count;
    if (type !== 'Thought')
      this.published.set(name, [...(this.published.get(name) ?? []), ...events.map(({ id }) => id)]);
    return this.store.append(name, revision < 0 ? 'no_stream' : revision, events);
  }
}
