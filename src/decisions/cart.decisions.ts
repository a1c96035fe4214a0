import {
  addItem,
  cart,
  changeQuantity,
  checkOut,
  clear,
  closeGuestCart,
  mergeGuestCart,
  removeItem,
  reopen,
} from '../cart/cart';
import type { Line } from '../words/lines';
import type { Offer } from '../words/offers';
import { type Decision, decisionsOf } from './decision';

const decision = decisionsOf(cart);

/** The item as it was for sale, as far as the line says it: in the one currency of the cart. */
const offerOf = ({ quantity, lineId, unitPrice, ...offer }: Line): Offer => ({ ...offer, prices: [unitPrice] });

export const cartDecisions: readonly Decision[] = [
  decision({
    name: 'cart.addItem',
    decide: addItem,
    shown: {
      by: 'ItemAddedToCart',
      input: ({ line }) => ({
        lineId: line.lineId,
        offer: offerOf(line),
        quantity: line.quantity,
        currency: line.unitPrice.currency,
      }),
    },
  }),
  decision({
    name: 'cart.changeQuantity',
    decide: changeQuantity,
    shown: { by: 'CartItemQuantityChanged', input: ({ lineId, quantity }) => ({ lineId, quantity }) },
  }),
  decision({
    name: 'cart.removeItem',
    decide: removeItem,
    shown: { by: 'ItemRemovedFromCart', input: ({ lineId }) => ({ lineId }) },
  }),
  decision({ name: 'cart.clear', decide: clear, shown: { by: 'CartCleared', input: () => ({}) } }),
  decision({
    name: 'cart.checkOut',
    decide: checkOut,
    shown: {
      by: 'CartCheckedOut',
      input: ({ generation, orderId, lines, totals, ...order }) => ({
        ...order,
        offers: new Map(lines.map((line) => [line.variantId, offerOf(line)])),
        orderOf: () => orderId,
        // The buyer agreed to what was charged. By other rules the shop would have quoted another price, and is taken to have
        // been agreed with too: a candidate that calculates otherwise is not refused for it.
        quote: agreedTo(generation),
        quoteFor: (priced) => agreedTo(priced.generation),
      }),
    },
  }),
  decision({
    name: 'cart.reopen',
    decide: reopen,
    issued: {
      as: 'ReopenCart',
      to: ({ cartId }: { cartId: string; orderId: string; lines: readonly Line[] }) => cartId,
      input: ({ orderId, lines }) => ({ orderId, lines }),
    },
  }),
  decision({
    name: 'cart.closeGuestCart',
    decide: closeGuestCart,
    shown: { by: 'GuestCartClosed', input: ({ accountId }) => ({ accountId }) },
    issued: {
      as: 'CloseGuestCart',
      to: ({ guestId }: { guestId: string; accountId: string }) => guestId,
      input: ({ accountId }) => ({ accountId }),
    },
  }),
  decision({
    name: 'cart.mergeGuestCart',
    decide: mergeGuestCart,
    issued: {
      as: 'MergeGuestCart',
      to: ({ accountId }: { accountId: string; guestId: string; lines: readonly Line[] }) => accountId,
      input: ({ guestId, lines }) => ({ guestId, lines }),
    },
  }),
];

const agreedTo = (generation: number): string => `${generation}.agreed`;
