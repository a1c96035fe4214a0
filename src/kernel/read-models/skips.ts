import { streamOf, type Aggregate } from '../aggregate';
import { Aggregates, type Changed, type WritePath } from '../aggregates';
import { Command } from '../commands';
import type { EventRegistry } from '../event-definitions';
import type { EventStore } from '../event-store/event-store';
import { deriveId } from '../ids';
import { PROJECTION_SKIPS, skipEvents, type SkipEvent } from './skips.events';

/** An operator leaves one event out of one document of a projection, for good; `reason` is for whoever reads the history. */
export class SkipProjectionEvent extends Command<{
  readonly projection: string;
  readonly key: string;
  readonly eventId: string;
  readonly reason: string;
}> {}

/** Skipped events of one projection, as `<event id>/<key>`. */
type Skips = readonly string[];

const nameOf = (key: string, eventId: string): string => `${eventId}/${key}`;

/** What is left out of one projection. */
export const skips: Aggregate<Skips, SkipEvent> = {
  name: PROJECTION_SKIPS,
  stateVersion: 1,
  initial: [],
  events: skipEvents,
  evolve: (state, { data }) => [...state, nameOf(data.key, data.eventId)],
};

const idOf = (projection: string): string => deriveId(PROJECTION_SKIPS, projection);

/** Where the skipped events of a projection are. */
export const skipStreamOf = (projection: string): string => streamOf(PROJECTION_SKIPS, idOf(projection));

/**
 * Stores the decision; one that was taken before is not stored again. `admit` throws when it may not be taken; a repeat of the
 * command is not asked again.
 */
export function recordSkip(
  path: WritePath,
  command: SkipProjectionEvent,
  admit: () => Promise<void>,
): Promise<Changed<unknown>> {
  const { projection, key, eventId, reason } = command.data;
  return new Aggregates(path, skips).change(command, idOf(projection), {
    fetch: admit,
    decide: (state) =>
      state.includes(nameOf(key, eventId))
        ? []
        : [{ type: 'ProjectionEventSkipped', data: { projection, key, eventId, reason } }],
  });
}

/** The skipped events of one projection, as far as a projector knows them. */
export class SkippedEvents {
  private readonly skipped = new Set<string>();
  private readonly leftOut = new Set<string>();

  /** All that the log holds now, also those behind the place where a rebuild begins. */
  static async load(store: EventStore, registry: EventRegistry, projection: string): Promise<SkippedEvents> {
    const loaded = new SkippedEvents();
    for (const event of await store.readStream(skipStreamOf(projection))) {
      const { key, eventId } = registry.decode(event).data as SkipEvent['data'];
      loaded.add(key, eventId);
    }
    return loaded;
  }

  add(key: string, eventId: string): void {
    this.skipped.add(nameOf(key, eventId));
  }

  /** Whether the event is to be left out of the document; remembers that it was. */
  leavesOut(key: string, eventId: string): boolean {
    if (this.skipped.size === 0) return false;
    const name = nameOf(key, eventId);
    if (!this.skipped.has(name)) return false;
    this.leftOut.add(name);
    return true;
  }

  /** Whether whoever holds this list has passed the event and left it out. */
  wasLeftOut(key: string, eventId: string): boolean {
    return this.leftOut.has(nameOf(key, eventId));
  }
}
