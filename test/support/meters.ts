import { join } from 'node:path';
import Type from 'typebox';
import { WritePath } from '#src/kernel/aggregates';
import { SystemClock } from '#src/kernel/clock';
import { defineEvents, EventRegistry, type EventOf, v1 } from '#src/kernel/event-definitions';
import type { Appended, EventStore, ExpectedRevision } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import type { NewEvent } from '#src/kernel/events';
import type { ReadPathLogger } from '#src/kernel/logger';
import { newId } from '#src/kernel/ids';
import type { JsonObject } from '#src/kernel/json';
import { type Projection, projection } from '#src/kernel/read-models/projection';
import { skipEvents } from '#src/kernel/read-models/skips.events';
import { tempFolderOfThisFile } from './temp-folder';

/* Meters that count: the smallest events and read models that show whether something was lost, doubled or out of order. */

export const meterEvents = defineEvents('meter', {
  Counted: v1({ meter: Type.String(), n: Type.Integer() }),
  /** Concerns two meters at once. */
  Carried: v1({ from: Type.String(), to: Type.String(), n: Type.Integer() }),
  /** The meter is gone, until it counts again. */
  Removed: v1({ meter: Type.String() }),
  /** Of no interest to the meters. */
  Inspected: v1({}),
});
export type MeterEvent = EventOf<typeof meterEvents>;

export const STORE_ID = '0198c0de-0000-7000-8000-000000000001';

export const registry = new EventRegistry([meterEvents, skipEvents]);

export const counted = (meter: string, n: number): MeterEvent => ({ type: 'Counted', data: { meter, n } });
export const carried = (from: string, to: string, n: number): MeterEvent => ({
  type: 'Carried',
  data: { from, to, n },
});
export const removed = (meter: string): MeterEvent => ({ type: 'Removed', data: { meter } });
export const inspected = (): MeterEvent => ({ type: 'Inspected', data: {} });

export interface Meter {
  readonly total: number;
  /** Everything that was counted, in order. */
  readonly counts: readonly number[];
}

export interface MetersOptions {
  readonly name?: string;
  readonly version?: number;
  /** Called before each fold; may throw. */
  readonly before?: (event: MeterEvent & { readonly id: string }, key: string) => void;
  /** Called before `keys`; may throw. */
  readonly beforeKeys?: (event: MeterEvent & { readonly id: string }) => void;
}

/** Adds up what each meter counted. */
export function metersProjection({
  name = 'meters',
  version = 1,
  before,
  beforeKeys,
}: MetersOptions = {}): Projection<Meter> {
  const add = (meter: Meter | null, n: number): Meter => ({
    total: (meter?.total ?? 0) + n,
    counts: [...(meter?.counts ?? []), n],
  });
  return projection<Meter, MeterEvent>({
    name,
    version,
    indexes: [{ total: 1 }],
    on: {
      Counted: {
        keys: (event) => {
          beforeKeys?.(event);
          return [event.data.meter];
        },
        evolve: (meter, event, key) => {
          before?.(event, key);
          return add(meter, event.data.n);
        },
      },
      Carried: {
        keys: ({ data }) => [data.from, data.to],
        evolve: (meter, event, key) => {
          before?.(event, key);
          const { from, to, n } = event.data;
          return from === to ? meter : add(meter, key === from ? -n : n);
        },
      },
      Removed: {
        keys: ({ data }) => [data.meter],
        evolve: (_, event, key) => {
          before?.(event, key);
          return null;
        },
      },
    },
  });
}

const folder = tempFolderOfThisFile();

/** A new event store in a file of its own. */
export const openEvents = (): Promise<SqliteEventStore> =>
  SqliteEventStore.open({ file: join(folder, `${newId()}.db`) });

/** An event on its way into the store. */
export function newEvent({ type, data }: MeterEvent, metadata: JsonObject = {}): NewEvent {
  const id = newId();
  return {
    id,
    type,
    data: data as JsonObject,
    metadata: {
      v: 1,
      commandId: id,
      payloadHash: '',
      correlationId: id,
      causationId: id,
      actor: { kind: 'system', id: STORE_ID },
      occurredAt: new Date().toISOString(),
      ...metadata,
    },
  };
}

/** Appends to one stream; answers the events that it made, and where the last of them is. */
export class MeterStream {
  private revision: ExpectedRevision = 'no_stream';

  constructor(
    private readonly store: EventStore,
    private readonly name = `meter-${newId()}`,
  ) {}

  async append(...facts: readonly MeterEvent[]): Promise<Appended & { readonly ids: readonly string[] }> {
    return this.appendNew(facts.map((fact) => newEvent(fact)));
  }

  async appendNew(events: readonly NewEvent[]): Promise<Appended & { readonly ids: readonly string[] }> {
    const appended = await this.store.append(this.name, this.revision, events);
    this.revision = appended.revision;
    return { ...appended, ids: events.map(({ id }) => id) };
  }
}

/** Keeps what was logged. */
export class KeptLog implements ReadPathLogger {
  readonly lines: string[] = [];
  log(message: string): void {
    this.lines.push(message);
  }
  warn(message: string): void {
    this.lines.push(message);
  }
  error(message: string): void {
    this.lines.push(message);
  }
}

export class MeterPath extends WritePath {
  override readonly registry = registry;
  override readonly clock = new SystemClock();

  constructor(override readonly store: EventStore) {
    super();
  }
  override warn(message: string): void {
    throw new Error(message);
  }
}

const PATIENCE = 15_000;

/** Resolves when `condition` holds; gives up so late that the answer is no accident, so that a failing test ends. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
