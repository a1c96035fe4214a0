import { Empty, StreamIdentifier } from '@eventstore/db-client/generated/shared_pb';
import { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import type { Position } from '../../position';
import type { Direction } from '../event-store';

const { Options } = ReadReq;
const EMPTY = new Empty();

/** `from`: a revision, inclusive; null: the first event (forwards), the last one (backwards). */
export function streamRead(stream: string, from: number | null, direction: Direction, count: number): ReadReq {
  const place = new Options.StreamOptions();
  place.setStreamIdentifier(identifierOf(stream));
  if (from !== null) place.setRevision(String(from));
  else if (direction === 'forwards') place.setStart(EMPTY);
  else place.setEnd(EMPTY);
  return requestOf(optionsOf(direction, count).setStream(place));
}

/** `from`: inclusive when forwards, exclusive when backwards; null: the beginning (forwards), the end (backwards). */
export function logRead(from: Position | null, direction: Direction, count: number): ReadReq {
  return requestOf(optionsOf(direction, count).setAll(placeInLog(from, direction)));
}

/** Everything after `after`, and everything new. */
export function logSubscription(after: Position | null): ReadReq {
  const options = new Options().setSubscription(new Options.SubscriptionOptions());
  return requestOf(options.setAll(placeInLog(after, 'forwards')));
}

export const identifierOf = (stream: string): StreamIdentifier =>
  new StreamIdentifier().setStreamName(Buffer.from(stream));

function optionsOf(direction: Direction, count: number): ReadReq.Options {
  const { FORWARDS, BACKWARDS } = Options.ReadDirection;
  return new Options().setReadDirection(direction === 'forwards' ? FORWARDS : BACKWARDS).setCount(String(count));
}

function placeInLog(position: Position | null, direction: Direction): ReadReq.Options.AllOptions {
  const place = new Options.AllOptions();
  if (position === null) return direction === 'forwards' ? place.setStart(EMPTY) : place.setEnd(EMPTY);
  const exact = new Options.Position();
  exact.setCommitPosition(decimal(position.commit));
  exact.setPreparePosition(decimal(position.prepare));
  return place.setPosition(exact);
}

/** Links are not followed, and nothing is filtered by the server: events are left out where they arrive. */
function requestOf(options: ReadReq.Options): ReadReq {
  options.setNoFilter(EMPTY).setUuidOption(new Options.UUIDOption().setString(EMPTY));
  return new ReadReq().setOptions(options);
}

const decimal = (padded: string): string => padded.replace(/^0+(?=\d)/, '');
