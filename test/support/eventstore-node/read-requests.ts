import { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import { streamOf } from './append-call';
import { type EventFilter, eventFilterOf } from './event-filter';
import type { Page } from './log-rows';
import { rowAtOrAfter, rowAtOrBefore, rowBefore } from './positions';

const { Options } = ReadReq;
const LAST = Number.MAX_SAFE_INTEGER;
/** Before all events. */
const NOTHING = -1;

/** What a call of `Read` asks for. `null` for a stream is `$all`. */
export type ReadRequest =
  | { readonly kind: 'read'; readonly stream: string | null; readonly page: Page }
  | {
      readonly kind: 'subscription';
      readonly stream: string | null;
      /** Of the last event that was seen: its row in the log, or its revision in the stream; `end`: all that are there now. */
      readonly after: number | 'end';
      readonly filter: EventFilter | null;
    }
  | { readonly kind: 'not-served'; readonly what: string };

export function readRequestOf(request: ReadReq): ReadRequest {
  const options = request.getOptions()!;
  const stream = options.hasStream() ? streamOf(options.getStream()!.getStreamIdentifier()) : null;
  if (options.getUuidOption()?.hasStructured()) return { kind: 'not-served', what: 'structured UUIDs' };
  const filterOptions = options.getFilter();
  if (options.hasSubscription()) {
    const filter = filterOptions && stream === null ? eventFilterOf(filterOptions) : null;
    const after = stream === null ? rowAfterOf(options.getAll()!) : revisionAfterOf(options.getStream()!);
    return { kind: 'subscription', stream, after, filter };
  }
  if (filterOptions) return { kind: 'not-served', what: 'filters of reads' };
  const forwards = options.getReadDirection() === Options.ReadDirection.FORWARDS;
  const from =
    stream === null ? firstRowOf(options.getAll()!, forwards) : firstRevisionOf(options.getStream()!, forwards);
  if (from === null) return { kind: 'not-served', what: 'forward reads from the end' };
  const limit = Math.min(Number(options.getCount()), LAST);
  return { kind: 'read', stream, page: { from, direction: forwards ? 'forwards' : 'backwards', limit } };
}

/** Forwards a position is inclusive, backwards it is not. */
function firstRowOf(all: ReadReq.Options.AllOptions, forwards: boolean): number | null {
  const position = all.getPosition()?.getCommitPosition();
  if (position !== undefined) return forwards ? rowAtOrAfter(position) : rowBefore(position);
  if (all.hasEnd()) return forwards ? null : LAST;
  return forwards ? 0 : NOTHING;
}

/** Inclusive both ways. */
function firstRevisionOf(stream: ReadReq.Options.StreamOptions, forwards: boolean): number | null {
  if (stream.hasRevision()) return Math.min(Number(stream.getRevision()), LAST);
  if (stream.hasEnd()) return forwards ? null : LAST;
  return 0;
}

function rowAfterOf(all: ReadReq.Options.AllOptions): number | 'end' {
  if (all.hasEnd()) return 'end';
  const position = all.getPosition();
  return position ? rowAtOrBefore(position.getCommitPosition()) : NOTHING;
}

function revisionAfterOf(stream: ReadReq.Options.StreamOptions): number | 'end' {
  if (stream.hasEnd()) return 'end';
  return stream.hasRevision() ? Math.min(Number(stream.getRevision()), LAST) : NOTHING;
}
