import { setTimeout as sleep } from 'node:timers/promises';
import { publicContracts, publicEventOf, topicOf } from '#src/integration/contracts/public-contract';
import { EventRegistry } from '#src/kernel/event-definitions';
import type { RecordedEvent } from '#src/kernel/events';
import { allEvents } from '#src/contexts';
import { consumed } from './integrator';

export interface Published {
  readonly count: number;
  /** Ids of events of the log that should be public and are not, once the relay has had time. */
  readonly missing: string[];
  /** What a consumer should not see: repeats, gaps, or another order. */
  readonly unexpected: string[];
}

/** How long the relay may take for what is left, in milliseconds. */
const PATIENCE = 60_000;

/** Compares what a read_committed consumer gets with the log. */
export async function publicEventsIn(
  log: readonly RecordedEvent[],
  { broker, prefix }: { broker: string; prefix: string },
): Promise<Published> {
  const registry = new EventRegistry(allEvents);
  const wanted = new Set(log.flatMap((event) => (publicEventOf(registry.decode(event)) ? [event.id] : [])));
  const topics = publicContracts.map((contract) => topicOf(prefix, contract));
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const events = await consumed(broker, topics);
    const ids = events.map(({ headers }) => headers['ce_id']!);
    const missing = [...wanted].filter((id) => !ids.includes(id));
    if (missing.length > 0 && performance.now() < deadline) {
      await sleep(500);
      continue;
    }
    const unexpected: string[] = [];
    const sequences = new Map<string, number>();
    for (const { topic, key, headers } of events) {
      const place = `${topic} ${key}`;
      const sequence = Number(headers['ce_sequence']);
      const last = sequences.get(place) ?? 0;
      if (sequence !== last + 1) unexpected.push(`${place}: ${sequence} after ${last}`);
      sequences.set(place, sequence);
      if (!wanted.has(headers['ce_id']!)) unexpected.push(`${place}: ${headers['ce_id']} is not in the log`);
    }
    return { count: events.length, missing, unexpected };
  }
}
