import { MaximumAppendSizeExceeded, WrongExpectedVersion } from '@eventstore/db-client/generated/shared_pb';
import type { Status } from '@eventstore/db-client/generated/status_pb';
import type { AppendResp, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import { padded, type Position } from '../../position';
import {
  AppendTooLarge,
  type ExpectedRevision,
  OutcomeUnknown,
  StoreUnavailable,
  WrongExpectedRevision,
} from '../event-store';
import type { WantedAppend } from './append-requests';

/** Where the last event of an append is; the server may leave out the position. */
export interface Answer {
  readonly revision: number;
  readonly position: Position | null;
}

/** The server has given the append up. What it has begun to write may still be stored. */
export class AppendTimedOut extends OutcomeUnknown {}

const PACKAGE = 'event_store.client.';

/** @throws WrongExpectedRevision | OutcomeUnknown | StoreUnavailable | AppendTooLarge, or Error for a stream that was deleted */
export function answerOfBatch(response: BatchAppendResp, append: WantedAppend): Answer {
  const success = response.getSuccess();
  if (!success) throw refusalOf(response.getError(), append);
  const position = success.getPosition();
  return {
    revision: Number(success.getCurrentRevision()),
    position: position ? positionOfWire(position.getCommitPosition(), position.getPreparePosition()) : null,
  };
}

/** @throws WrongExpectedRevision | OutcomeUnknown */
export function answerOfCall(response: AppendResp, append: WantedAppend): Answer {
  const success = response.getSuccess();
  if (!success) {
    const wrong = response.getWrongExpectedVersion();
    if (!wrong) throw new OutcomeUnknown(append.stream);
    throw wrongRevision(append, wrong.hasCurrentRevision() ? Number(wrong.getCurrentRevision()) : 'no_stream');
  }
  const position = success.getPosition();
  return {
    revision: Number(success.getCurrentRevision()),
    position: position ? positionOfWire(position.getCommitPosition(), position.getPreparePosition()) : null,
  };
}

/** What is wrong with one append of the shared call. What is not understood may have been stored. */
function refusalOf(error: Status | undefined, append: WantedAppend): Error {
  const details = error?.getDetails();
  switch (details?.getTypeName()) {
    case `${PACKAGE}WrongExpectedVersion`: {
      const wrong = WrongExpectedVersion.deserializeBinary(details.getValue_asU8());
      const actual = wrong.hasCurrentStreamRevision() ? Number(wrong.getCurrentStreamRevision()) : 'no_stream';
      return wrongRevision(append, actual);
    }
    case `${PACKAGE}MaximumAppendSizeExceeded`: {
      const most = MaximumAppendSizeExceeded.deserializeBinary(details.getValue_asU8()).getMaxappendsize();
      return tooLargeForServer(append.stream, most);
    }
    case `${PACKAGE}StreamDeleted`:
      return streamDeleted(append.stream);
    case `${PACKAGE}Timeout`:
      return new AppendTimedOut(append.stream);
    case `${PACKAGE}AccessDenied`:
      return new StoreUnavailable(
        `The event store does not let the user of the connection string write to ${append.stream}.`,
      );
    default:
      return new OutcomeUnknown(append.stream, {
        cause: new Error(error?.getMessage() || 'an answer without content'),
      });
  }
}

const wrongRevision = ({ stream, expected }: WantedAppend, actual: ExpectedRevision) =>
  new WrongExpectedRevision(stream, expected, actual);

export const tooLargeForServer = (stream: string, most: number) =>
  new AppendTooLarge(
    `An append to ${stream} is larger than the event store takes (${most} bytes): raise its MaxAppendSize.`,
  );

export const streamDeleted = (stream: string) =>
  new Error(
    `Stream ${stream} was deleted for ever in the event store, which Chronocart never does; it takes no more events.`,
  );

/** Decimal numbers without padding. */
const positionOfWire = (commit: string, prepare: string): Position => ({
  commit: padded(BigInt(commit)),
  prepare: padded(BigInt(prepare)),
});
