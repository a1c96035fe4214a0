import type { StoredEvent } from '../../kernel/events';
import type { HistoryLog } from '../source';
import { eventsUpTo } from '../stream-events';
import { NoSuchStream } from '../stream-history';
import { Follower } from './follow';

/** More correlations in one picture nobody can look at. */
const MOST_CORRELATIONS = 20;

/**
 * The events of the correlations that a stream has a part in, in log order, without reading the whole log; `correlationId`: of this
 * one only.
 * @throws NoSuchStream when the stream has no such event, or has a part in too many
 */
export async function eventsAround(log: HistoryLog, stream: string, correlationId?: string): Promise<StoredEvent[]> {
  const seeds: StoredEvent[] = [];
  const ids = new Set<string>();
  for await (const page of eventsUpTo(log, stream, { kind: 'now' })) {
    const own = page.filter(({ metadata }) => correlationId === undefined || metadata.correlationId === correlationId);
    for (const { metadata } of own) ids.add(metadata.correlationId);
    seeds.push(...own);
    if (ids.size > MOST_CORRELATIONS)
      throw new NoSuchStream(
        `${stream} has a part in more than ${MOST_CORRELATIONS} correlations; name one of them (show --steps --json lists them).`,
      );
  }
  if (seeds.length === 0)
    throw new NoSuchStream(
      correlationId === undefined
        ? `There is no stream ${stream}.`
        : `${stream} has no event of the correlation ${correlationId}.`,
    );
  return new Follower(log, ids).from(seeds);
}
