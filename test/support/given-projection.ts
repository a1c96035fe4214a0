import type { StoredEvent, EventMetadata } from '#src/kernel/events';
import { frozen } from '#src/kernel/frozen';
import { positionOf } from '#src/kernel/position';
import type { Projection } from '#src/kernel/read-models/projection';

/** An event as a test of a projection states it: what it does not say is filled in. */
export interface GivenEvent {
  readonly type: string;
  readonly data: object;
  readonly metadata?: Partial<EventMetadata>;
  readonly recordedAt?: string;
  readonly stream?: string;
}

const NOBODY = '00000000-0000-4000-8000-000000000000';

/**
 * The grammar of projections: `project(orderHistory).given(orderPlaced(…), orderShipped(…)).expect(orderId, { … })`; `null`
 * expects that there is no such document. Events and documents are frozen, so a fold that changes what it was given fails.
 */
export const project = <D extends object>(projection: Projection<D>) => ({
  given(...events: readonly GivenEvent[]) {
    // Its documents are kept under its name, and each index is by something.
    expect(projection.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const index of projection.indexes) {
      expect(Object.keys(index)).not.toEqual([]);
      for (const direction of Object.values(index)) expect([1, -1]).toContain(direction);
    }
    const documents = fold(projection, events.map(stored));
    const then = {
      /** All documents, by id. */
      documents: documents as ReadonlyMap<string, D>,
      expect(key: string, document: D | null) {
        expect(documents.get(key) ?? null).toStrictEqual(document);
        return then;
      },
      /** The document has at least these fields. */
      expectLike(key: string, part: object) {
        expect(documents.get(key)).toMatchObject(part);
        return then;
      },
      expectKeys(...keys: readonly string[]) {
        expect([...documents.keys()].sort()).toEqual([...keys].sort());
        return then;
      },
    };
    return then;
  },
});

/** A recorded event as the feed shows it; the `n`-th of the log. */
export function stored({ type, data, metadata, recordedAt, stream }: GivenEvent, n = 0): StoredEvent {
  const id = `00000000-0000-4000-8000-${String(n + 1).padStart(12, '0')}`;
  const at = recordedAt ?? new Date(Date.UTC(2026, 0, 1, 12, 0, n)).toISOString();
  return frozen({
    id,
    stream: stream ?? `given-${NOBODY}`,
    revision: n,
    position: positionOf(n + 1),
    recordedAt: at,
    type,
    data,
    metadata: {
      v: 1,
      commandId: id,
      payloadHash: '',
      correlationId: id,
      causationId: id,
      actor: { kind: 'system', id: NOBODY },
      occurredAt: at,
      ...metadata,
    },
  });
}

function fold<D extends object>(projection: Projection<D>, events: readonly StoredEvent[]): Map<string, D> {
  const documents = new Map<string, D>();
  for (const event of events) {
    const folds = projection.on[event.type];
    if (!folds) continue;
    for (const key of new Set(folds.keys(event))) {
      const document = folds.evolve(documents.get(key) ?? null, event, key);
      if (document === null) documents.delete(key);
      else documents.set(key, frozen(document));
    }
  }
  return documents;
}
