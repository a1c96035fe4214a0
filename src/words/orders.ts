import Type, { type Static } from 'typebox';
import { deriveId } from '../kernel/ids';
import type { Position } from '../kernel/position';

/** An order has one payment. */
export const paymentIdOf = (orderId: string): string => deriveId(orderId, 'payment');

/** Where an order can be, from the moment on at which its cart was checked out. */
export const ORDER_STATUSES = ['received', 'placed', 'confirmed', 'rejected', 'cancelling', 'cancelled'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Why the shop did not take an order. */
export const REJECTION_REASONS = ['out-of-stock', 'payment-declined', 'payment-failed'] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** A line of which there were fewer units than were ordered. */
export const MissingLine = Type.Object(
  {
    lineId: Type.String(),
    variantId: Type.String(),
    /** Units that could have been had when the order was refused. */
    available: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
);
export type MissingLine = Static<typeof MissingLine>;

export interface Rejection {
  readonly reason: RejectionReason;
  /** The code that the gateway, or the stock, refused with. */
  readonly detail?: string;
  /** Which lines were short. */
  readonly missing?: readonly MissingLine[];
}

/** An order as its buyer sees it, as far as other contexts ask for it. */
export interface SeenOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  readonly rejection: Rejection | null;
}

/** What has come of an order so far, and the place of the event that brought it about. */
export interface Outcome {
  readonly order: SeenOrder;
  readonly asOf: Position;
}

/** What other contexts ask of orders. Answered from what buyers see, which may be behind for a moment. */
export abstract class SeenOrders {
  /**
   * `buyers`: principal ids whose orders may be seen; null for staff. What is not there yet is waited for, for a moment.
   * @throws Rejected `order-unknown`, also for others' orders; `projection-behind`
   */
  abstract find(orderId: string, buyers: readonly string[] | null): Promise<SeenOrder>;

  /**
   * Waits at most `waitMs` milliseconds until the order is as `until` wants it, for who has just done something to it: what it was
   * before may be seen first. The order as it was seen last; null: there is none, or orders can't be shown now.
   */
  abstract waitFor(orderId: string, waitMs: number, until: (order: SeenOrder) => boolean): Promise<Outcome | null>;
}

/** What the shop has made of the order that its buyer placed. */
export const isSettled = ({ status }: Pick<SeenOrder, 'status'>): boolean =>
  status === 'confirmed' || hasEnded({ status });

/** Nothing happens to the order any more. */
export const hasEnded = ({ status }: Pick<SeenOrder, 'status'>): boolean =>
  status === 'rejected' || status === 'cancelled';
