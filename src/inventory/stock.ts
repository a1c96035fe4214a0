import type { Aggregate } from '../kernel/aggregate';
import { rejections } from '../kernel/rejection';
import type { VariantOwner } from '../words/product-owners';
import { mayHaveEnded, noneEnded, withEnded, type EndedReservations } from './ended-reservations';
import { inventoryEvents, MAX_ON_HAND, type AdjustmentReason, type StockEvent } from './inventory.events';
import {
  countOf,
  noReservations,
  reservationIn,
  withoutReservation,
  withReservation,
  type Reservations,
} from './reservations';

/** The units of one variant. Always: 0 ≤ reserved ≤ on-hand. */
export interface Stock {
  /** null: none was ever received. */
  readonly productId: string | null;
  /** Units in the shop, reserved ones included. */
  readonly onHand: number;
  /** Sum of the open reservations. */
  readonly reserved: number;
  readonly reservations: Reservations;
  readonly ended: EndedReservations;
}

export const rejected = rejections({
  'stock-not-found': [404, 'No stock of this variant was ever received.'],
  'stock-variant-unknown': [404, 'The product has no such variant.'],
  'stock-too-large': [409, 'More of one variant than a stock can hold.'],
  'stock-insufficient': [409, 'Fewer units are available than are asked for.'],
  'stock-reserved': [409, 'Fewer units would be left than are reserved for orders.'],
  'reservation-expired': [409, 'The time until which this reservation was meant has passed.'],
  'reservation-ended': [409, 'This reservation was released or handed over; it is not made again.'],
  'reservation-not-found': [409, 'There is no such open reservation.'],
});

export const stock: Aggregate<Stock, StockEvent> = {
  name: 'stock',
  stateVersion: 2,
  initial: { productId: null, onHand: 0, reserved: 0, reservations: noReservations, ended: noneEnded },
  events: inventoryEvents,
  evolve,
};

function evolve(stock: Stock, { type, data }: StockEvent): Stock {
  const { productId, onHand, reserved, reservations } = stock;
  switch (type) {
    case 'StockReceived':
      return { ...stock, productId: productId ?? data.productId, onHand: onHand + data.quantity };
    case 'StockAdjusted':
      return { ...stock, productId: productId ?? data.productId, onHand: onHand + data.delta };
    case 'StockReserved': {
      const { reservationId, quantity } = data;
      const until = secondsOf(data.expiresAt);
      const added = withReservation(reservations, { reservationId, quantity, confirmed: false, until });
      return { ...stock, reserved: reserved + quantity, reservations: added };
    }
    case 'StockReservationConfirmed': {
      const found = reservationIn(reservations, data.reservationId);
      if (!found) return stock;
      return { ...stock, reservations: withReservation(reservations, { ...found, confirmed: true }) };
    }
    case 'StockReleased':
    case 'StockCommitted': {
      const found = reservationIn(reservations, data.reservationId);
      return {
        ...stock,
        onHand: type === 'StockCommitted' ? onHand - data.quantity : onHand,
        reserved: reserved - data.quantity,
        reservations: withoutReservation(reservations, data.reservationId),
        ended: found ? withEnded(stock.ended, found) : stock.ended,
      };
    }
  }
}

/** Since 1970, rounded up. */
const secondsOf = (instant: string): number => Math.ceil(Date.parse(instant) / 1_000);

export const availableOf = ({ onHand, reserved }: Pick<Stock, 'onHand' | 'reserved'>): number => onHand - reserved;

/** The one location that there is so far. */
const LOCATION = 'default';

/** Which variant a decision is about, and the product that it belongs to. */
export interface VariantOfProduct {
  readonly variantId: string;
  readonly productId: string;
}

/** Who moves stock by hand. */
export interface Mover {
  /** Whose the product is; null: there is no such product. */
  readonly owner: VariantOwner | null;
  /** The seller who asks: another one's variants are as if they were not there. Absent: in the name of the shop. */
  readonly asSeller?: string;
}

/** Units came in. */
export function receiveStock(
  stock: Stock,
  { variantId, productId, quantity, ...mover }: VariantOfProduct & { quantity: number } & Mover,
): StockEvent[] {
  refuseUnlessOwner(stock, { variantId, productId }, mover);
  refuseTooMany(stock.onHand + quantity);
  return [{ type: 'StockReceived', data: { variantId, productId, locationId: LOCATION, quantity } }];
}

export interface Adjustment {
  /** By how many units the shelf differs from the books. */
  readonly delta: number;
  readonly reason: AdjustmentReason;
  readonly note?: string;
}

/** The shelf was found to hold more or fewer units than the books say. What is reserved stays. */
export function adjustStock(
  stock: Stock,
  { variantId, productId, delta, reason, note, ...mover }: VariantOfProduct & Adjustment & Mover,
): StockEvent[] {
  refuseUnlessOwner(stock, { variantId, productId }, mover);
  if (delta === 0) return [];
  const onHand = stock.onHand + delta;
  if (onHand < stock.reserved) throw rejected('stock-reserved', { onHand: stock.onHand, reserved: stock.reserved });
  refuseTooMany(onHand);
  const why = { reason, ...(note === undefined ? {} : { note }) };
  return [{ type: 'StockAdjusted', data: { variantId, productId, locationId: LOCATION, delta, ...why } }];
}

export interface Reserve extends VariantOfProduct {
  readonly orderId: string;
  readonly reservationId: string;
  readonly quantity: number;
  /** ISO 8601, UTC, as is `now`: after it this reservation is not made any more, so that no late repeat makes it anew. */
  readonly expiresAt: string;
  readonly now: string;
}

/** Keeps units for an order: once, however late and however often it is asked for. */
export function reserveStock(stock: Stock, { now, ...reservation }: Reserve): StockEvent[] {
  const { reservationId, expiresAt, quantity } = reservation;
  if (reservationIn(stock.reservations, reservationId)) return [];
  const before = mayHaveEnded(stock.ended, { reservationId, until: secondsOf(expiresAt) });
  if (before === 'forgotten' || Date.parse(now) > Date.parse(expiresAt))
    throw rejected('reservation-expired', { expiresAt });
  if (before === 'ended') throw rejected('reservation-ended', { reservationId });
  const available = availableOf(stock);
  if (quantity > available) {
    const { variantId, productId } = reservation;
    throw rejected('stock-insufficient', { variantId, productId, available });
  }
  return [{ type: 'StockReserved', data: { ...reservation, locationId: LOCATION } }];
}

/** What names a reservation in a decision about it. */
export interface Reserved {
  readonly variantId: string;
  readonly orderId: string;
  readonly reservationId: string;
}

/** The order is paid: the reservation lasts until it is released or handed over. */
export function confirmReservation(stock: Stock, { variantId, orderId, reservationId }: Reserved): StockEvent[] {
  const found = reservationIn(stock.reservations, reservationId);
  if (!found || stock.productId === null) throw rejected('reservation-not-found', { reservationId });
  if (found.confirmed) return [];
  const { productId } = stock;
  return [
    {
      type: 'StockReservationConfirmed',
      data: { variantId, productId, locationId: LOCATION, reservationId, orderId },
    },
  ];
}

/** Nothing will be handed over: the units are for sale again. */
export function releaseStock(
  stock: Stock,
  { variantId, orderId, reservationId, reason }: Reserved & { reason: string },
): StockEvent[] {
  const found = reservationIn(stock.reservations, reservationId);
  if (!found || stock.productId === null) return [];
  const { productId } = stock;
  const { quantity } = found;
  return [
    {
      type: 'StockReleased',
      data: { variantId, productId, locationId: LOCATION, reservationId, orderId, quantity, reason },
    },
  ];
}

/** The units were handed over and leave the shop. */
export function commitStock(stock: Stock, { variantId, orderId, reservationId }: Reserved): StockEvent[] {
  const found = reservationIn(stock.reservations, reservationId);
  if (!found || stock.productId === null) return [];
  const { productId } = stock;
  const { quantity } = found;
  return [
    { type: 'StockCommitted', data: { variantId, productId, locationId: LOCATION, reservationId, orderId, quantity } },
  ];
}

function refuseUnlessOwner(stock: Stock, variant: VariantOfProduct, { owner, asSeller }: Mover): void {
  // What is on the shelf can be moved also when the product has given the variant up.
  const isOfProduct = stock.productId === null ? owner?.hasVariant : stock.productId === variant.productId;
  if (!owner || !isOfProduct || (asSeller !== undefined && asSeller !== owner.sellerId))
    throw rejected('stock-variant-unknown', { ...variant });
}

function refuseTooMany(onHand: number): void {
  if (onHand > MAX_ON_HAND) throw rejected('stock-too-large', { most: MAX_ON_HAND });
}

/** What everybody may know. */
export const publicStockView = (variantId: string, stock: Stock) => ({ variantId, available: availableOf(stock) });

/** What its seller sees, from the stored state alone, so that a repeated command is answered alike. */
export const stockView = (variantId: string, stock: Stock) => ({
  variantId,
  productId: stock.productId,
  onHand: stock.onHand,
  reserved: stock.reserved,
  available: availableOf(stock),
  reservations: countOf(stock.reservations),
});
