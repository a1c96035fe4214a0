import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import { Empty, type StreamIdentifier } from '@eventstore/db-client/generated/shared_pb';
import { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb';
import type { Appender } from './appender';
import type { AppendOutcome, Current, Expected } from './appends';
import type { CallFaults } from './faults';
import type { Gate } from './gate';
import { positionOf } from './positions';
import { appendTooLarge, badRequest, failed, timedOut } from './refusals';

type Call = ServerReadableStream<AppendReq, AppendResp>;

/** One append in a call of its own: its options first, then each event. */
export const serveAppend =
  (appender: Appender, gate: Gate, faults: CallFaults) => (call: Call, callback: sendUnaryData<AppendResp>) => {
    let options: AppendReq.Options | undefined;
    const messages: AppendReq.ProposedMessage[] = [];
    call.on('data', (request: AppendReq) => {
      options ??= request.getOptions();
      const message = request.getProposedMessage();
      if (message) messages.push(message);
    });
    const answer = async () => {
      await faults.delay();
      const refusal = gate.refusalOf(call.metadata);
      if (refusal) return callback(refusal);
      if (!options) return callback(badRequest('An append begins with its options.'));
      const expected = expectedOf(options);
      const outcome = await appender.append({ stream: streamOf(options.getStreamIdentifier()), expected }, messages);
      faults.reply(() => send(outcome, expected, callback));
    };
    call.on('end', () => void answer().catch((error: unknown) => callback(failed(error))));
  };

export const streamOf = (identifier: StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString();

function expectedOf(options: AppendReq.Options): Expected {
  const { REVISION, NO_STREAM, STREAM_EXISTS } = AppendReq.Options.ExpectedStreamRevisionCase;
  switch (options.getExpectedStreamRevisionCase()) {
    case REVISION:
      return Number(options.getRevision());
    case NO_STREAM:
      return 'no_stream';
    case STREAM_EXISTS:
      return 'stream_exists';
    default:
      return 'any';
  }
}

function send(outcome: AppendOutcome, expected: Expected, callback: sendUnaryData<AppendResp>): void {
  switch (outcome.kind) {
    case 'stored':
      return callback(null, new AppendResp().setSuccess(success(outcome.revision, outcome.sequence)));
    case 'wrong-version':
      return callback(null, new AppendResp().setWrongExpectedVersion(wrongVersion(outcome.current, expected)));
    case 'too-large':
      return callback(appendTooLarge());
    case 'bad-request':
      return callback(badRequest(outcome.message));
    case 'timeout':
      return callback(timedOut());
  }
}

function success(revision: number, sequence: number): AppendResp.Success {
  const text = String(positionOf(sequence));
  const position = new AppendResp.Position().setCommitPosition(text).setPreparePosition(text);
  return new AppendResp.Success().setCurrentRevision(String(revision)).setPosition(position);
}

/** With the fields of version 20.6, which a server still sends. */
function wrongVersion(current: Current, expected: Expected): AppendResp.WrongExpectedVersion {
  const answer = new AppendResp.WrongExpectedVersion();
  if (current === 'no_stream') answer.setCurrentNoStream(new Empty()).setNoStream2060(new Empty());
  else answer.setCurrentRevision(String(current)).setCurrentRevision2060(current);
  if (expected === 'any') answer.setExpectedAny(new Empty()).setAny2060(new Empty());
  else if (expected === 'stream_exists') answer.setExpectedStreamExists(new Empty()).setStreamExists2060(new Empty());
  else if (expected === 'no_stream') answer.setExpectedNoStream(new Empty());
  else answer.setExpectedRevision(String(expected)).setExpectedRevision2060(expected);
  return answer;
}
