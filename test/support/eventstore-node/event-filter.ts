import { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import type { EventRow } from '#src/kernel/event-store/sqlite/log-reader';

/** Which events of `$all` a subscription is sent, and how often it hears how far it is. */
export interface EventFilter {
  readonly matches: (row: EventRow) => boolean;
  /** A checkpoint after so many events, whether they match or not. */
  readonly checkpointEvery: number;
}

const DEFAULT_WINDOW = 32;

const { STREAM_IDENTIFIER, EVENT_TYPE } = ReadReq.Options.FilterOptions.FilterCase;

/** @throws SyntaxError for a regular expression that JavaScript does not know (a server's are .NET's) */
export function eventFilterOf(options: ReadReq.Options.FilterOptions): EventFilter {
  const window = options.hasMax() ? options.getMax() : DEFAULT_WINDOW;
  return {
    matches: matcherOf(options),
    checkpointEvery: window * Math.max(options.getCheckpointintervalmultiplier(), 1),
  };
}

function matcherOf(options: ReadReq.Options.FilterOptions): EventFilter['matches'] {
  switch (options.getFilterCase()) {
    case STREAM_IDENTIFIER: {
      const matches = textMatcherOf(options.getStreamIdentifier()!);
      return ([, stream]) => matches(stream);
    }
    case EVENT_TYPE: {
      const matches = textMatcherOf(options.getEventType()!);
      return ([, , , , type]) => matches(type);
    }
    default:
      return () => true;
  }
}

function textMatcherOf(expression: ReadReq.Options.FilterOptions.Expression): (text: string) => boolean {
  const prefixes = expression.getPrefixList();
  if (prefixes.length > 0) return (text) => prefixes.some((prefix) => text.startsWith(prefix));
  const regex = new RegExp(expression.getRegex(), 'u');
  return (text) => regex.test(text);
}
