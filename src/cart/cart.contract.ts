import type { Static } from 'typebox';
import { NOT_ADDED_REASONS, type CartEvent, type NotAdded as InternalNotAdded } from './cart.events';
import { contractFor, nothingMore } from '../words/contracts/define-contract';
import { code, described, list, shape } from '../words/contracts/schema-words';
import {
  accountId,
  cartId,
  Customer,
  customerOf,
  Destination,
  destinationOf,
  generation,
  guestId,
  Line,
  lineId,
  lineOf,
  orderId,
  quantity,
  Totals,
  totalsOf,
  variantId,
} from '../words/contracts/shapes';

const NotAdded = shape('NotAdded', 'A line that could not be added to the cart, or not all of it.', {
  line: described(Line, 'The line, with the units that could not be added.'),
  reason: code('Why not.', ...NOT_ADDED_REASONS),
});

const notAddedOf = ({ line, reason }: Static<typeof InternalNotAdded>): Static<typeof NotAdded> => ({
  line: lineOf(line),
  reason,
});

const linesAfter = list(Line, 'Every line of the cart after it.');
const notAdded = list(NotAdded, 'What could not be added.');

export const cartContract = contractFor<CartEvent>()({
  context: 'cart',
  aggregate: 'cart',
  title: 'Carts',
  description: 'What shoppers put into their carts. Everybody has one cart, which starts anew with each checkout.',
  subject: { name: 'cartId', schema: cartId },
  types: {
    ItemAddedToCart: {
      name: 'item-added',
      when: 'An item that was not in the cart is in it now. More of an item that is there already is `item-quantity-changed`.',
      members: { line: Line },
      translate: ({ line }) => ({ line: lineOf(line) }),
    },
    CartItemQuantityChanged: {
      name: 'item-quantity-changed',
      when: 'A line of the cart has more or fewer units.',
      members: { lineId, variantId, quantity: described(quantity, 'Units of the line from now on.') },
      translate: ({ lineId, variantId, quantity }) => ({ lineId, variantId, quantity }),
    },
    ItemRemovedFromCart: {
      name: 'item-removed',
      when: 'A line was taken out of the cart.',
      members: { lineId, variantId },
      translate: ({ lineId, variantId }) => ({ lineId, variantId }),
    },
    CartCleared: {
      name: 'cart-cleared',
      when: 'The cart was emptied by hand.',
      ...nothingMore,
    },
    CartCheckedOut: {
      name: 'cart-checked-out',
      when: 'The decision to order, at these prices. The cart is empty from now on; `order-placed` follows under `orderId`.',
      members: {
        orderId,
        generation,
        customer: Customer,
        lines: list(Line, 'What was ordered.'),
        totals: Totals,
        deliverTo: Destination,
      },
      translate: ({ orderId, generation, customer, lines, totals, deliverTo }) => ({
        orderId,
        generation,
        customer: customerOf(customer),
        lines: lines.map(lineOf),
        totals: totalsOf(totals),
        deliverTo: destinationOf(deliverTo),
      }),
    },
    CartReopened: {
      name: 'cart-reopened',
      when: 'The order was rejected: its lines are back in the cart, beside what was put into it meanwhile.',
      members: { orderId, lines: linesAfter, notAdded },
      translate: ({ orderId, lines, notAdded }) => ({
        orderId,
        lines: lines.map(lineOf),
        notAdded: notAdded.map(notAddedOf),
      }),
    },
    GuestCartClosed: {
      name: 'guest-cart-closed',
      when: 'The guest logged in: this cart takes nothing more, and its lines go to the cart of the account.',
      members: { accountId, lines: list(Line, 'The lines that it hands over.') },
      translate: ({ accountId, lines }) => ({ accountId, lines: lines.map(lineOf) }),
    },
    GuestCartMerged: {
      name: 'guest-cart-merged',
      when: 'The lines of a guest’s cart came into this one, which is that of the account that the guest logged in as.',
      members: { guestId, lines: linesAfter, notAdded },
      translate: ({ guestId, lines, notAdded }) => ({
        guestId,
        lines: lines.map(lineOf),
        notAdded: notAdded.map(notAddedOf),
      }),
    },
  },
});
