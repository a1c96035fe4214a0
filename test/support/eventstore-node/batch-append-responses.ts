import { status } from '@grpc/grpc-js';
import {
  AllStreamPosition,
  BadRequest,
  MaximumAppendSizeExceeded,
  StreamIdentifier,
  Timeout,
  UUID,
  WrongExpectedVersion,
} from '@eventstore/db-client/generated/shared_pb';
import { Status } from '@eventstore/db-client/generated/status_pb';
import { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { type AppendOutcome, type Current, type Expected, MAX_APPEND_SIZE } from './appends';
import { positionOf } from './positions';

interface Answered {
  /** Correlation id. */
  readonly id: string;
  readonly stream: string;
  readonly expected: Expected;
}

/** The answer to one append of a batch. */
export function batchResponse({ id, stream, expected }: Answered, outcome: AppendOutcome): BatchAppendResp {
  const response = new BatchAppendResp()
    .setCorrelationId(new UUID().setString(id))
    .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(stream).toString('base64')));
  if (outcome.kind !== 'stored') return response.setError(errorOf(outcome, expected));
  const position = String(positionOf(outcome.sequence));
  return response.setSuccess(
    new BatchAppendResp.Success()
      .setCurrentRevision(String(outcome.revision))
      .setPosition(new AllStreamPosition().setCommitPosition(position).setPreparePosition(position)),
  );
}

type Failure = Exclude<AppendOutcome, { kind: 'stored' }>;

/** Clients look at the details and not at the code, and fail if there are none. */
function errorOf(failure: Failure, expected: Expected): Status {
  switch (failure.kind) {
    case 'wrong-version': {
      const details = wrongVersion(failure.current, expected).serializeBinary();
      return error(status.ALREADY_EXISTS, 'WrongExpectedVersion', details);
    }
    case 'too-large': {
      const details = new MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_SIZE).serializeBinary();
      return error(status.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', details);
    }
    case 'bad-request': {
      const details = new BadRequest().setMessage(failure.message).serializeBinary();
      return error(status.INVALID_ARGUMENT, 'BadRequest', details);
    }
    case 'timeout':
      return error(status.DEADLINE_EXCEEDED, 'Timeout', new Timeout().serializeBinary());
  }
}

function error(code: status, name: string, details: Uint8Array): Status {
  const any = new Any();
  any.pack(details, `event_store.client.${name}`);
  return new Status()
    .setCode(code as number)
    .setMessage(name)
    .setDetails(any);
}

function wrongVersion(current: Current, expected: Expected): WrongExpectedVersion {
  const details = new WrongExpectedVersion();
  if (current === 'no_stream') details.setCurrentNoStream(new Empty());
  else details.setCurrentStreamRevision(String(current));
  if (expected === 'any') return details.setExpectedAny(new Empty());
  if (expected === 'stream_exists') return details.setExpectedStreamExists(new Empty());
  if (expected === 'no_stream') return details.setExpectedNoStream(new Empty());
  return details.setExpectedStreamPosition(String(expected));
}
