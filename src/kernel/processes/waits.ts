import type { Reacted } from './process.events';

/** How long an instance waits for a timeout, as its reaction stored it. */
export interface Wait {
  /** ISO 8601, by the clock of who stored the reaction. */
  readonly dueAt: string;
  /** Milliseconds from the reaction on, which no clock can make longer; null: it waits for that moment of the calendar. */
  readonly afterMs: number | null;
}

type StoredTimeout = Reacted['timeouts'][number];

/** What is known of a stored reaction. `recordedAt` (ISO 8601): where it was read from the store. */
interface Told {
  readonly data: Reacted;
  readonly metadata: { readonly occurredAt: string };
  readonly recordedAt?: string;
}

/**
 * The first release stored no `afterMs`, and made due times of reactions to events from the clock of the store: these were asked for
 * when the reaction was recorded, by the same clock.
 */
export function waitOf({ dueAt, afterMs }: StoredTimeout, { data, metadata, recordedAt }: Told): Wait {
  if (afterMs !== undefined) return { dueAt, afterMs };
  const askedAt = data.source.kind === 'event' ? (recordedAt ?? metadata.occurredAt) : metadata.occurredAt;
  return { dueAt, afterMs: Math.max(0, Date.parse(dueAt) - Date.parse(askedAt)) };
}

/** When the first of them is due, by the clocks that stored them; null: there is none. */
export const firstDue = (waits: Iterable<Wait>): string | null => {
  let first: string | null = null;
  for (const { dueAt } of waits) if (first === null || dueAt < first) first = dueAt;
  return first;
};

/**
 * When the last of them began that has a length, ISO 8601, by the clocks that stored them; '' where none has. One that begins in the
 * future was stored by a clock that was ahead.
 */
export const lastBegun = (waits: Iterable<Wait>): string => {
  let last = '';
  for (const { dueAt, afterMs } of waits) {
    if (afterMs === null) continue;
    const begun = new Date(Date.parse(dueAt) - afterMs).toISOString();
    if (begun > last) last = begun;
  }
  return last;
};
