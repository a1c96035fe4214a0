import { GENERATION_THEN, type Moved, type Named, type Relation } from '../../words/ocel/event-mapping';
import type { ToldEvent } from './told-event';

export interface SettledObject {
  readonly id: string;
  readonly type: string;
  readonly qualifier: string;
  readonly facts: Readonly<Record<string, string | number | undefined>>;
}

/** An event with what only the events before it, or after it, tell. */
export interface SettledEvent extends Pick<ToldEvent, 'id' | 'type' | 'attributes'> {
  /** RFC 3339, UTC, with microseconds; every event is later than the one before. */
  readonly time: string;
  readonly objects: readonly SettledObject[];
  readonly relations: readonly Relation[];
}

/** The generation that the first checkout of each cart ends, by stream. */
export type FirstCheckouts = ReadonlyMap<string, number>;

/** What is known of a stream after some of its events; null: not all before them were there, so it can't be known. */
interface Known<T> {
  readonly next: number;
  readonly value: T | null;
}

/**
 * Settles events, which come in the order of the log: which generation a cart has, how many units there are, and when it happened.
 * Where events are missing (only some were exported), what would follow from them stays open.
 */
export class Settling {
  private readonly time = new StrictTime();
  private readonly generations = new Map<string, number>();
  private readonly carts = new Map<string, Known<true>>();
  private readonly stocks = new Map<string, Known<Moved>>();

  constructor(private readonly firstCheckouts: FirstCheckouts) {}

  settle(event: ToldEvent): SettledEvent {
    const { id, type, attributes, recordedAt } = event;
    const cart = event.objects.find((object) => object.type === 'cart');
    const generation = cart?.id.endsWith(`/${GENERATION_THEN}`) ? this.generationAt(event) : null;
    if (event.generation !== undefined) this.generations.set(event.stream, event.generation + 1);
    const settledId = (objectId: string): string =>
      generation !== null && objectId === cart?.id ? withGeneration(objectId, generation) : objectId;
    return {
      id,
      type,
      attributes,
      time: this.time.after(recordedAt),
      objects: event.objects.map((object) => this.settleObject(event, object, settledId(object.id))),
      relations: event.relations.map(([source, qualifier, target]) => [
        settledId(source),
        qualifier,
        settledId(target),
      ]),
    };
  }

  private settleObject(event: ToldEvent, { type, qualifier, facts, moved }: Named, id: string): SettledObject {
    if (type === 'cart') return { id, type, qualifier, facts: { ...facts, generation: generationIn(id) } };
    if (!moved) return { id, type, qualifier, facts };
    const units = this.unitsAfter(event, moved);
    if (!units) return { id, type, qualifier, facts };
    return { id, type, qualifier, facts: { ...facts, ...units, available: units.onHand - units.reserved } };
  }

  /** A checkout says it, for all events before it and after it; without one it is the first, as long as nothing is missing. */
  private generationAt({ stream, revision }: ToldEvent): number | null {
    const said = this.generations.get(stream) ?? this.firstCheckouts.get(stream);
    if (said !== undefined) return said;
    const { next, value } = this.carts.get(stream) ?? { next: 0, value: true };
    const isWhole = value === true && revision === next;
    this.carts.set(stream, { next: revision + 1, value: isWhole ? true : null });
    return isWhole ? 1 : null;
  }

  private unitsAfter({ stream, revision }: ToldEvent, { onHand, reserved }: Moved): Moved | null {
    const { next, value } = this.stocks.get(stream) ?? { next: 0, value: { onHand: 0, reserved: 0 } };
    const units =
      value && revision === next ? { onHand: value.onHand + onHand, reserved: value.reserved + reserved } : null;
    this.stocks.set(stream, { next: revision + 1, value: units });
    return units;
  }
}

const withGeneration = (cartId: string, generation: number): string =>
  `${cartId.slice(0, -GENERATION_THEN.length)}${generation}`;

function generationIn(cartId: string): number | undefined {
  const generation = cartId.slice(cartId.lastIndexOf('/') + 1);
  return generation === GENERATION_THEN ? undefined : Number(generation);
}

/**
 * Tools order events by time alone, and a store records many in one millisecond: the microseconds, which no store tells, keep the
 * order of the log.
 */
class StrictTime {
  /** Since 1970. */
  private microseconds = 0;

  after(recordedAt: string): string {
    this.microseconds = Math.max(Date.parse(recordedAt) * 1_000, this.microseconds + 1);
    const milliseconds = new Date(Math.floor(this.microseconds / 1_000)).toISOString();
    return `${milliseconds.slice(0, -'Z'.length)}${String(this.microseconds % 1_000).padStart(3, '0')}Z`;
  }
}
