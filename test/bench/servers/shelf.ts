import type { Aggregate } from '#src/kernel/aggregate';
import { WritePath } from '#src/kernel/aggregates';
import { SystemClock } from '#src/kernel/clock';
import { Command } from '#src/kernel/commands';
import { defineEvents, EventRegistry, v1, type EventOf } from '#src/kernel/event-definitions';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { Line } from '#src/words/lines';
import { LINE } from './bare-driver';

const shelfEvents = defineEvents('shelf', { ItemPutOnShelf: v1({ line: Line }) });
type ShelfEvent = EventOf<typeof shelfEvents>;
interface Shelf {
  readonly items: number;
}

/** A toy aggregate: what the write path costs, and nothing of a shop's rules. */
export const shelf: Aggregate<Shelf, ShelfEvent> = {
  name: 'shelf',
  stateVersion: 1,
  initial: { items: 0 },
  events: shelfEvents,
  evolve: ({ items }, { data }) => ({ items: items + data.line.quantity }),
};

/** Its only decision: one event of about 700 bytes. */
export const put = (): ShelfEvent[] => [{ type: 'ItemPutOnShelf', data: { line: LINE } }];

export class PutOnShelf extends Command {}

export const shelfRegistry = new EventRegistry([shelfEvents]);

/** The write path of shelves. A warning ends the bench: it would measure something else. */
export class ShelfPath extends WritePath {
  override readonly registry = shelfRegistry;
  override readonly clock = new SystemClock();
  constructor(override readonly store: EventStore) {
    super({ commandsPerHour: null });
  }
  override warn(message: string): void {
    throw new Error(message);
  }
}
