import type { CartEvent } from './cart.events';
import { partsOf } from '../kernel/aggregate';
import type { StoredEvent } from '../kernel/events';
import { contents, orderFacts, orderRelations, unitsOf } from '../words/ocel/contents';
import {
  cartIdOf,
  type EventMappings,
  GENERATION_THEN,
  idOf,
  integer,
  named,
  type Named,
  type Relation,
  text,
} from '../words/ocel/event-mapping';

type OfCart = Pick<StoredEvent<CartEvent>, 'stream' | 'metadata'>;

/** A cart's stream is named after who shops with it. */
const ownerOf = ({ stream }: Pick<OfCart, 'stream'>): string => partsOf(stream).id;

const cart = (event: OfCart, qualifier: string, status: 'open' | 'closed'): Named => ({
  id: cartIdOf(ownerOf(event), GENERATION_THEN),
  type: 'cart',
  qualifier,
  facts: { status },
});

/** Whether it is an account or a guest is known where the owner acted. */
function owner({ stream, metadata: { actor } }: OfCart, qualifier = 'of'): Named {
  const id = ownerOf({ stream });
  const isKnown = actor.id === id && (actor.kind === 'account' || actor.kind === 'guest');
  return named('customer', id, qualifier, isKnown ? { kind: actor.kind } : {});
}

const ofOwner = (event: OfCart): Relation => [
  cartIdOf(ownerOf(event), GENERATION_THEN),
  'filled by',
  idOf('customer', ownerOf(event)),
];

const becameAccount = (guestId: string, accountId: string): Relation => [
  idOf('customer', guestId),
  'became',
  idOf('customer', accountId),
];

export const cartMappings: EventMappings<CartEvent> = {
  ItemAddedToCart: {
    attributes: {
      quantity: integer(({ line }) => line.quantity),
      unitPriceMinor: integer(({ line }) => line.unitPrice.amountMinor),
      currency: text(({ line }) => line.unitPrice.currency),
    },
    objects: (event) => [cart(event, 'filled', 'open'), owner(event), ...contents([event.data.line], 'added')],
    relations: (event) => [ofOwner(event)],
  },
  CartItemQuantityChanged: {
    attributes: { quantity: integer(({ quantity }) => quantity) },
    objects: (event) => [
      cart(event, 'changed', 'open'),
      owner(event),
      named('variant', event.data.variantId, 'changed'),
    ],
    relations: (event) => [ofOwner(event)],
  },
  ItemRemovedFromCart: {
    objects: (event) => [
      cart(event, 'changed', 'open'),
      owner(event),
      named('variant', event.data.variantId, 'removed'),
    ],
    relations: (event) => [ofOwner(event)],
  },
  CartCleared: {
    objects: (event) => [cart(event, 'emptied', 'open'), owner(event)],
    relations: (event) => [ofOwner(event)],
  },
  CartCheckedOut: {
    attributes: {
      totalMinor: integer(({ totals }) => totals.totalMinor),
      currency: text(({ totals }) => totals.currency),
      units: integer(({ lines }) => unitsOf(lines)),
    },
    objects: ({ stream, data }) => [
      named('order', data.orderId, 'ordered', { status: 'received', ...orderFacts(data) }),
      {
        id: cartIdOf(ownerOf({ stream }), data.generation),
        type: 'cart',
        qualifier: 'checked out',
        facts: { status: 'checked out' },
      },
      named('customer', ownerOf({ stream }), 'of', { kind: data.customer.kind }),
      ...contents(data.lines, 'contains'),
    ],
    relations: ({ stream, data }) => [
      ...orderRelations(ownerOf({ stream }), data),
      [cartIdOf(ownerOf({ stream }), data.generation), 'filled by', idOf('customer', ownerOf({ stream }))],
    ],
  },
  /** The lines of a rejected order are in the cart of then, which is of a later generation. */
  CartReopened: {
    attributes: { units: integer(({ lines }) => unitsOf(lines)) },
    objects: (event) => [
      cart(event, 'refilled', 'open'),
      named('order', event.data.orderId, 'gave back'),
      owner(event),
      ...contents(event.data.lines, 'contains'),
    ],
    relations: (event) => [ofOwner(event)],
  },
  GuestCartClosed: {
    attributes: { units: integer(({ lines }) => unitsOf(lines)) },
    objects: (event) => [
      cart(event, 'closed', 'closed'),
      named('customer', ownerOf(event), 'of', { kind: 'guest' }),
      named('customer', event.data.accountId, 'handed over to', { kind: 'account' }),
      ...contents(event.data.lines, 'contains'),
    ],
    relations: (event) => [ofOwner(event), becameAccount(ownerOf(event), event.data.accountId)],
  },
  GuestCartMerged: {
    attributes: { units: integer(({ lines }) => unitsOf(lines)) },
    objects: (event) => [
      cart(event, 'refilled', 'open'),
      named('customer', ownerOf(event), 'of', { kind: 'account' }),
      named('customer', event.data.guestId, 'taken over from', { kind: 'guest' }),
      ...contents(event.data.lines, 'contains'),
    ],
    relations: (event) => [ofOwner(event), becameAccount(event.data.guestId, ownerOf(event))],
  },
};
