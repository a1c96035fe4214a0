import type { EventStore } from '../../kernel/event-store/event-store';
import { type Instant, parseInstant } from '../../kernel/instant';
import type { Position } from '../../kernel/position';
import { placeOf } from '../instant';
import type { Stretch } from './log-pages';
import type { Selection } from './selection';

/** The part of this store's log that is between two moments, both inclusive. @throws InvalidInstant | StoreUnavailable */
export async function stretchOf(store: EventStore, { from, to }: Pick<Selection, 'from' | 'to'>): Promise<Stretch> {
  const after = from === null ? null : await placeBefore(store, parseInstant(from));
  const upTo = await placeOf(store, to === null ? { kind: 'now' } : parseInstant(to));
  return { after, upTo };
}

/** The last event that is not yet of the instant. */
async function placeBefore(store: EventStore, instant: Instant): Promise<Position | null> {
  if (instant.kind === 'time') {
    const time = new Date(Date.parse(instant.time) - 1).toISOString();
    return placeOf(store, { kind: 'time', time });
  }
  const place = await placeOf(store, instant);
  const [before] = await store.readAll({ from: place, direction: 'backwards', limit: 1 });
  return before?.position ?? null;
}
