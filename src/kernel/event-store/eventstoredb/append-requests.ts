import { UUID } from '@eventstore/db-client/generated/shared_pb';
import { AppendReq, BatchAppendReq } from '@eventstore/db-client/generated/streams_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import type { ExpectedRevision } from '../event-store';
import type { EncodedEvent } from '../limits';
import { identifierOf } from './read-requests';

/** An append as it was asked for. */
export interface WantedAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly EncodedEvent[];
}

const EMPTY = new Empty();

/**
 * The append as one message of the call that all appends share; an append is never too large for one. It has no deadline: the server
 * would judge that by its own clock, and refuse everything once it is ahead by more. Without one it takes its write timeout.
 */
export function batchOf({ stream, expected, events }: WantedAppend, correlationId: string): BatchAppendReq {
  const options = new BatchAppendReq.Options();
  options.setStreamIdentifier(identifierOf(stream));
  if (expected === 'no_stream') options.setNoStream(EMPTY);
  else options.setStreamPosition(String(expected));
  return new BatchAppendReq()
    .setCorrelationId(uuidOf(correlationId))
    .setOptions(options)
    .setProposedMessagesList(events.map((event) => proposed(new BatchAppendReq.ProposedMessage(), event)))
    .setIsFinal(true);
}

/** The append as the messages of a call of its own. */
export function messagesOf({ stream, expected, events }: WantedAppend): AppendReq[] {
  const options = new AppendReq.Options();
  options.setStreamIdentifier(identifierOf(stream));
  if (expected === 'no_stream') options.setNoStream(EMPTY);
  else options.setRevision(String(expected));
  const message = (event: EncodedEvent) => proposed(new AppendReq.ProposedMessage(), event);
  return [
    new AppendReq().setOptions(options),
    ...events.map((event) => new AppendReq().setProposedMessage(message(event))),
  ];
}

/** The text that the server or the client means, whichever way it is written. */
export function textOfUuid(uuid: UUID): string {
  const structured = uuid.getStructured();
  if (!structured) return uuid.getString();
  const half = (bits: string) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0');
  const digits = half(structured.getMostSignificantBits()) + half(structured.getLeastSignificantBits());
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function proposed<M extends AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage>(
  message: M,
  { id, type, data, metadata }: EncodedEvent,
): M {
  message.setId(uuidOf(id)).setData(Buffer.from(data)).setCustomMetadata(Buffer.from(metadata));
  message.getMetadataMap().set('type', type).set('content-type', 'application/json');
  return message;
}

const uuidOf = (text: string): UUID => new UUID().setString(text);
