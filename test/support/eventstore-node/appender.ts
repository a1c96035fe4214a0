import type { UUID } from '@eventstore/db-client/generated/shared_pb';
import type { AppendReq, BatchAppendReq } from '@eventstore/db-client/generated/streams_pb';
import { OutcomeUnknown, StoreUnavailable } from '#src/kernel/event-store/event-store';
import type { EncodedEvent } from '#src/kernel/event-store/limits';
import { type AppendOutcome, MAX_APPEND_SIZE, type ProposedAppend } from './appends';
import { pause } from '#src/kernel/waiting';
import type { CallFaults } from './faults';
import type { NodeLog } from './node-log';
import { JSON_CONTENT, storedBytes, storedJson } from './stored-text';

export type ProposedMessage = AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage;

const UUID_TEXT = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What both kinds of append calls do with an append once all of it is there. */
export class Appender {
  /** Stream and id of each event that is being written. */
  private readonly beingWritten = new Set<string>();

  constructor(
    private readonly log: NodeLog,
    private readonly faults: CallFaults,
    /** Milliseconds that the server gives a write; then it answers that it does not know. */
    readonly writeTimeout: number,
    /** When the node stops. */
    private readonly closing: AbortSignal,
  ) {}

  async append(
    { stream, expected }: Pick<ProposedAppend, 'stream' | 'expected'>,
    messages: readonly ProposedMessage[],
  ): Promise<AppendOutcome> {
    const events: EncodedEvent[] = [];
    let size = 0;
    for (const message of messages) {
      const event = eventOf(message);
      if (typeof event === 'string') return { kind: 'bad-request', message: event };
      size += message.getData_asU8().length + message.getCustomMetadata_asU8().length + 2 * event.type.length;
      events.push(event);
    }
    if (size > MAX_APPEND_SIZE) return { kind: 'too-large' };
    if (events.length === 0)
      return { kind: 'bad-request', message: 'The node for tests serves no append without events.' };
    const timeout = this.faults.takeTimeout();
    if (!timeout) return this.stored({ stream, expected, events });
    if (timeout.stored) await this.stored({ stream, expected, events });
    return timeout.atOnce ? { kind: 'timeout' } : this.timesOut();
  }

  /** What is being written already is not recognised yet: nobody answers the second one before its time is over. */
  private async stored(proposed: ProposedAppend): Promise<AppendOutcome> {
    const places = proposed.events.map(({ id }) => `${proposed.stream}/${id}`);
    if (places.some((place) => this.beingWritten.has(place))) return this.timesOut();
    for (const place of places) this.beingWritten.add(place);
    try {
      return await this.log.append(proposed);
    } catch (error) {
      if (error instanceof OutcomeUnknown || error instanceof StoreUnavailable) return { kind: 'timeout' };
      throw error;
    } finally {
      for (const place of places) this.beingWritten.delete(place);
    }
  }

  private async timesOut(): Promise<AppendOutcome> {
    await pause(this.writeTimeout, this.closing);
    return { kind: 'timeout' };
  }
}

/** Lower case, as .NET prints it; undefined if it is none. */
export function uuidOf(id: UUID | undefined): string | undefined {
  const text = id?.getString().toLowerCase() ?? '';
  return UUID_TEXT.test(text) ? text : undefined;
}

/** The event, or what is wrong with it. */
function eventOf(message: ProposedMessage): EncodedEvent | string {
  const id = uuidOf(message.getId());
  if (id === undefined) return 'The id of an event is not a UUID.';
  const properties = message.getMetadataMap();
  const type = properties.get('type');
  const contentType = properties.get('content-type');
  if (!type || !contentType) return 'Required Metadata Properties Missing: type,content-type';
  const stored = contentType === JSON_CONTENT ? storedJson : storedBytes;
  return { id, type, data: stored(message.getData_asU8()), metadata: metadataOf(message.getCustomMetadata_asU8()) };
}

/** Metadata has no content type. */
function metadataOf(bytes: Uint8Array): string {
  const text = storedJson(bytes);
  return Buffer.from(text).equals(bytes) ? text : storedBytes(bytes);
}
