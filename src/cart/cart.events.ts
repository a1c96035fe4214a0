import Type from 'typebox';
import { defineEvents, v1, type EventOf } from '../kernel/event-definitions';
import { Line, Quantity } from '../words/lines';
import { Totals } from '../words/money';
import { Contact, DeliverTo, PaymentMethod, Shopper } from '../words/people';

const Id = Type.String();

/** Why a line could not be added, or not all of it. */
export const NOT_ADDED_REASONS = ['cart-full', 'quantity-capped', 'currency-differs'] as const;

/** A line that a merge could not add, and why. */
export const NotAdded = Type.Object(
  { line: Line, reason: Type.Enum([...NOT_ADDED_REASONS]) },
  { additionalProperties: false },
);

export const cartEvents = defineEvents('cart', {
  ItemAddedToCart: v1({ line: Line }),
  CartItemQuantityChanged: v1({ lineId: Id, variantId: Id, quantity: Quantity }),
  ItemRemovedFromCart: v1({ lineId: Id, variantId: Id }),
  CartCleared: v1({}),
  /** The decision to order: it empties the cart and opens the next generation. Lines and prices are what the buyer agreed to. */
  CartCheckedOut: v1({
    generation: Type.Integer({ minimum: 1 }),
    orderId: Id,
    customer: Shopper,
    lines: Type.Array(Line),
    totals: Totals,
    deliverTo: DeliverTo,
    contact: Contact,
    /** Absent where there is nothing to pay. */
    payment: Type.Optional(PaymentMethod),
  }),
  /** The order came to nothing: its lines are back (`lines` are the lines after it). Once per order. */
  CartReopened: v1({ orderId: Id, lines: Type.Array(Line), notAdded: Type.Array(NotAdded) }),
  /** The guest logged in: this cart takes nothing more, its lines go to the account's cart. */
  GuestCartClosed: v1({ accountId: Id, lines: Type.Array(Line) }),
  /** The lines of a guest's cart, as far as they could be added (`lines` are the lines after it). */
  GuestCartMerged: v1({ guestId: Id, lines: Type.Array(Line), notAdded: Type.Array(NotAdded) }),
});

export type CartEvent = EventOf<typeof cartEvents>;
