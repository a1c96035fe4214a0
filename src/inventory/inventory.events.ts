import Type from 'typebox';
import { defineEvents, v1, type EventOf } from '../kernel/event-definitions';
import { Quantity } from '../words/lines';
import type { OrderStatus } from '../words/orders';

/** At most so many units in one receipt or adjustment. */
export const MAX_MOVED = 1_000_000;
/** At most so many units of one variant. */
export const MAX_ON_HAND = 1_000_000_000;
/** Characters (Unicode code points) of a note. */
const MAX_NOTE = 500;
export const Note = Type.String({ minLength: 1, maxLength: MAX_NOTE });

const Id = Type.String();

/** What every event says: which units, and where they are. There is one location so far, `default`. */
const of = { variantId: Id, productId: Id, locationId: Type.String({ minLength: 1, maxLength: 40 }) };
const reservation = { ...of, reservationId: Id, orderId: Id };

/** Why the shelf differs from the books. */
export const ADJUSTMENT_REASONS = ['damaged', 'lost', 'found', 'counted', 'returned', 'other'] as const;
export type AdjustmentReason = (typeof ADJUSTMENT_REASONS)[number];

/** What became of the order for which the units were kept. */
export const RELEASE_REASONS = ['rejected', 'cancelled'] as const satisfies readonly OrderStatus[];
export type ReleaseReason = (typeof RELEASE_REASONS)[number];

export const inventoryEvents = defineEvents('stock', {
  StockReceived: v1({ ...of, quantity: Type.Integer({ minimum: 1, maximum: MAX_MOVED }) }),
  /** `delta` is never 0. */
  StockAdjusted: v1({
    ...of,
    delta: Type.Integer({ minimum: -MAX_MOVED, maximum: MAX_MOVED }),
    reason: Type.Enum([...ADJUSTMENT_REASONS]),
    note: Type.Optional(Note),
  }),
  /** Kept for an order. Nothing but `StockReleased` frees it, also after `expiresAt` (ISO 8601, UTC). */
  StockReserved: v1({ ...reservation, quantity: Quantity, expiresAt: Type.String() }),
  /** The reservation has no expiry any more. */
  StockReservationConfirmed: v1(reservation),
  StockReleased: v1({ ...reservation, quantity: Quantity, reason: Type.String({ minLength: 1, maxLength: 40 }) }),
  /** The units left the shop: on-hand is lower, and the reservation has served its purpose. */
  StockCommitted: v1({ ...reservation, quantity: Quantity }),
});

export type StockEvent = EventOf<typeof inventoryEvents>;
