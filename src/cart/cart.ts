import type { Static } from 'typebox';
import type { Aggregate } from '../kernel/aggregate';
import { rejections } from '../kernel/rejection';
import { refusedGuest } from '../words/guests';
import { lineTotalMinor, totalsOf, type Line } from '../words/lines';
import type { Price, Totals } from '../words/money';
import type { Offer } from '../words/offers';
import type { Contact, DeliverTo, PaymentMethod, Shopper } from '../words/people';
import { cartEvents, type CartEvent, type NotAdded } from './cart.events';
import { currencyOf, lineOf, priced, type PricedCart } from './priced-cart';

/** At most so many lines in a cart. */
export const MAX_LINES = 100;
/** At most so many of one variant in a cart. */
export const MAX_QUANTITY = 1_000;
/**
 * At most so long are the lines of a cart, as JSON in UTF-8: no event and no reaction to one has them more than twice, and an append
 * takes 512 KiB. A hundred lines reach it only where their texts are far longer than those of any shop.
 */
export const MAX_LINES_BYTES = 200 * 1024;

/** So many lines are shown that could not be added. */
export const MAX_NOT_ADDED = 100;
/**
 * So many orders and guests are remembered. They make a command that comes again under another id "already so"; the same command is
 * known by its id for as long as it may have an effect.
 */
export const MAX_SETTLED = 500;

export interface Cart {
  /** Raised by every checkout: an order belongs to just one. */
  readonly generation: number;
  readonly lines: readonly Line[];
  /** What a merge could not add, the newest `MAX_NOT_ADDED`; shown until the cart is cleared or checked out. */
  readonly notAdded: readonly Static<typeof NotAdded>[];
  /** The account that took this guest's cart over. */
  readonly mergedInto?: string;
  /** How many lines it handed over when it was closed. */
  readonly handedOver?: number;
  /** Orders whose lines came back, and guests whose lines were taken over, the newest `MAX_SETTLED`. */
  readonly settled: readonly string[];
}

export const rejected = rejections({
  'cart-full': [409, 'The cart has as many lines as it can have.'],
  'quantity-too-large': [409, 'More of one item than a cart can hold.'],
  'cart-currency-differs': [409, 'The cart is in another currency, or the item is not sold in its currency.'],
  'cart-line-not-found': [404, 'The cart has no such line.'],
  'cart-empty': [409, 'There is nothing in the cart.'],
  'cart-already-checked-out': [409, 'This cart was checked out already.'],
  'item-not-available': [409, 'An item is not for sale (any more).'],
  'price-changed': [
    409,
    'What would be charged or delivered has changed since the quote; look at it and send the new one.',
  ],
  'payment-method-missing': [422, 'The order costs something, so it says how that is paid.'],
});

export const cart: Aggregate<Cart, CartEvent> = {
  name: 'cart',
  stateVersion: 2,
  initial: { generation: 1, lines: [], notAdded: [], settled: [] },
  events: cartEvents,
  evolve,
};

function evolve(cart: Cart, { type, data }: CartEvent): Cart {
  switch (type) {
    case 'ItemAddedToCart':
      return { ...cart, lines: [...cart.lines, data.line] };
    case 'CartItemQuantityChanged':
      return {
        ...cart,
        lines: cart.lines.map((l) => (l.lineId === data.lineId ? { ...l, quantity: data.quantity } : l)),
      };
    case 'ItemRemovedFromCart':
      return { ...cart, lines: cart.lines.filter((l) => l.lineId !== data.lineId) };
    case 'CartCleared':
      return { ...cart, lines: [], notAdded: [] };
    case 'CartCheckedOut':
      return { ...cart, generation: data.generation + 1, lines: [], notAdded: [] };
    case 'CartReopened':
      return {
        ...cart,
        lines: data.lines,
        notAdded: newest(MAX_NOT_ADDED, cart.notAdded, data.notAdded),
        settled: newest(MAX_SETTLED, cart.settled, [data.orderId]),
      };
    case 'GuestCartClosed':
      return { ...cart, lines: [], mergedInto: data.accountId, handedOver: data.lines.length };
    case 'GuestCartMerged':
      return {
        ...cart,
        lines: data.lines,
        notAdded: newest(MAX_NOT_ADDED, cart.notAdded, data.notAdded),
        settled: newest(MAX_SETTLED, cart.settled, [data.guestId]),
      };
  }
}

const newest = <T>(most: number, before: readonly T[], more: readonly T[]): T[] => [...before, ...more].slice(-most);

/** Adds an item at its price of now; more of a variant that is there already raises that line's quantity. */
export function addItem(
  cart: Cart,
  { lineId, offer, quantity, currency }: { lineId: string; offer: Offer; quantity: number; currency?: string },
): CartEvent[] {
  refuseUsedGuest(cart);
  const unitPrice = priceIn(offer, currencyOf(cart) ?? currency);
  const line = cart.lines.find((l) => l.variantId === offer.variantId);
  if (line) return changeQuantity(cart, { lineId: line.lineId, quantity: line.quantity + quantity });
  if (cart.lines.length >= MAX_LINES) throw rejected('cart-full', { most: MAX_LINES });
  refuseTooMany(quantity);
  const added = lineOf(offer, { lineId, unitPrice, quantity });
  refuseTooLong([...cart.lines, added]);
  return [{ type: 'ItemAddedToCart', data: { line: added } }];
}

export function changeQuantity(cart: Cart, { lineId, quantity }: { lineId: string; quantity: number }): CartEvent[] {
  refuseUsedGuest(cart);
  const line = cart.lines.find((l) => l.lineId === lineId);
  if (!line) throw rejected('cart-line-not-found', { lineId });
  refuseTooMany(quantity);
  if (line.quantity === quantity) return [];
  return [{ type: 'CartItemQuantityChanged', data: { lineId, variantId: line.variantId, quantity } }];
}

export function removeItem(cart: Cart, { lineId }: { lineId: string }): CartEvent[] {
  refuseUsedGuest(cart);
  const line = cart.lines.find((l) => l.lineId === lineId);
  return line ? [{ type: 'ItemRemovedFromCart', data: { lineId, variantId: line.variantId } }] : [];
}

export function clear(cart: Cart): CartEvent[] {
  refuseUsedGuest(cart);
  return cart.lines.length + cart.notAdded.length > 0 ? [{ type: 'CartCleared', data: {} }] : [];
}

export interface CheckOut {
  readonly quote: string;
  /** The quote for a cart as it is priced now. */
  readonly quoteFor: (priced: PricedCart) => string;
  readonly offers: ReadonlyMap<string, Offer>;
  /** The order of a generation of this cart. */
  readonly orderOf: (generation: number) => string;
  readonly customer: Shopper;
  readonly deliverTo: DeliverTo;
  readonly contact: Contact;
  /** Left out by who has nothing to pay. */
  readonly payment?: PaymentMethod;
}

/** The decision to order what the quote says, and nothing else. An order that costs nothing keeps no means of payment. */
export function checkOut(cart: Cart, { quote, quoteFor, offers, orderOf, payment, ...order }: CheckOut): CartEvent[] {
  refuseUsedGuest(cart);
  const { generation } = cart;
  const quoted = Number(quote.split('.')[0]);
  if (quoted >= 1 && quoted < generation) throw rejected('cart-already-checked-out', { orderId: orderOf(quoted) });
  if (cart.lines.length === 0) throw rejected('cart-empty');
  const now = priced(cart, offers);
  if (now.notForSale.length > 0) throw rejected('item-not-available', { lineIds: now.notForSale });
  const newQuote = quoteFor(now);
  if (quote !== newQuote) {
    // With the lines: another tab may have changed what is in the cart, which is no difference to when it was put there.
    const { lines, toPay, priceChanges, itemChanges } = now;
    throw rejected('price-changed', { quote: newQuote, totals: toPay, lines, priceChanges, itemChanges });
  }
  refuseTooLong(now.lines);
  const { lines, toPay: totals } = now as PricedCart & { toPay: Totals };
  if (totals.totalMinor > 0 && !payment)
    throw rejected('payment-method-missing', {
      errors: [{ pointer: '/payment', detail: 'payment must say how the order is paid' }],
    });
  const paid = totals.totalMinor > 0 && payment ? { payment } : {};
  const data = { generation, orderId: orderOf(generation), lines: [...lines], totals, ...order, ...paid };
  return [{ type: 'CartCheckedOut', data }];
}

/** The order came to nothing: its lines return, beside what was put into the cart meanwhile. A closed guest cart names the account. */
export function reopen(cart: Cart, { orderId, lines }: { orderId: string; lines: readonly Line[] }): CartEvent[] {
  if (cart.settled.includes(orderId)) return [];
  refuseUsedGuest(cart);
  const { merged, notAdded } = merge(cart.lines, lines);
  return [{ type: 'CartReopened', data: { orderId, lines: merged, notAdded } }];
}

/** The guest has logged in as `accountId`: this cart takes nothing more. */
export function closeGuestCart(cart: Cart, { accountId }: { accountId: string }): CartEvent[] {
  if (cart.mergedInto === accountId) return [];
  refuseUsedGuest(cart);
  return [{ type: 'GuestCartClosed', data: { accountId, lines: [...cart.lines] } }];
}

/** Takes over a guest's lines: equal variants add up, capped; what can't be added stays visible with the reason. */
export function mergeGuestCart(
  cart: Cart,
  { guestId, lines }: { guestId: string; lines: readonly Line[] },
): CartEvent[] {
  if (cart.settled.includes(guestId)) return [];
  const { merged, notAdded } = merge(cart.lines, lines);
  return [{ type: 'GuestCartMerged', data: { guestId, lines: merged, notAdded } }];
}

/** Whether a guest's cart, closed or not, has nothing for the account's cart. */
export const hadNothing = ({ lines, handedOver = 0 }: Cart): boolean => lines.length + handedOver === 0;

function merge(into: readonly Line[], from: readonly Line[]) {
  const merged = [...into];
  const notAdded: Static<typeof NotAdded>[] = [];
  let bytes = bytesOf(into);
  for (const line of from) {
    const at = merged.findIndex((l) => l.variantId === line.variantId);
    const present = merged[at];
    if (merged[0] && merged[0].unitPrice.currency !== line.unitPrice.currency) {
      notAdded.push({ line, reason: 'currency-differs' });
    } else if (!present && (merged.length >= MAX_LINES || bytes + bytesOf([line]) > MAX_LINES_BYTES)) {
      notAdded.push({ line, reason: 'cart-full' });
    } else {
      const wanted = (present?.quantity ?? 0) + line.quantity;
      const quantity = Math.min(wanted, MAX_QUANTITY);
      if (present) merged[at] = { ...present, quantity };
      else {
        merged.push({ ...line, quantity });
        bytes += bytesOf([line]);
      }
      if (wanted > quantity)
        notAdded.push({ line: { ...line, quantity: wanted - quantity }, reason: 'quantity-capped' });
    }
  }
  return { merged, notAdded };
}

function priceIn(offer: Offer, currency: string | undefined): Price {
  const price = currency === undefined ? offer.prices[0] : offer.prices.find((p) => p.currency === currency);
  if (price) return price;
  throw rejected('cart-currency-differs', { cart: currency, item: offer.prices.map((p) => p.currency) });
}

function refuseUsedGuest(cart: Cart): void {
  if (cart.mergedInto !== undefined) throw refusedGuest('guest-token-used', { accountId: cart.mergedInto });
}

const utf8 = new TextEncoder();

const bytesOf = (lines: readonly Line[]): number => utf8.encode(JSON.stringify(lines)).length;

function refuseTooLong(lines: readonly Line[]): void {
  if (bytesOf(lines) > MAX_LINES_BYTES) throw rejected('cart-full', { mostBytes: MAX_LINES_BYTES });
}

function refuseTooMany(quantity: number): void {
  if (quantity > MAX_QUANTITY) throw rejected('quantity-too-large', { most: MAX_QUANTITY });
}

/** The cart as its owner sees it; after a command from the stored state alone, so that a repeated one is answered alike. */
export function cartView(cartId: string, cart: Pick<Cart, 'generation' | 'lines' | 'notAdded'>) {
  const currency = currencyOf(cart);
  return {
    cartId,
    generation: cart.generation,
    lines: cart.lines.map((line) => ({ ...line, lineTotalMinor: lineTotalMinor(line) })),
    totals: currency === undefined ? null : totalsOf(cart.lines, currency),
    notAdded: cart.notAdded,
  };
}
