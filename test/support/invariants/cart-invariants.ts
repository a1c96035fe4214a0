import { partsOf } from '#src/kernel/aggregate';
import type { Line } from '#src/words/lines';
import { same, type Findings } from './findings';
import { at, type ShopEvent } from './shop-events';

type Units = Readonly<Record<string, number>>;

interface Cart {
  lines: readonly Line[];
  generation: number;
  closed: boolean;
}

/** How a guest's things come to the account that it became. */
interface HandOver {
  readonly accountId: string;
  cart: 'open' | 'closed' | 'merged';
  aliased: boolean;
}

/** No unit gets into a cart or out of it but by an event that says so; each generation is ordered once; a guest's things arrive. */
export function checkCarts(events: readonly ShopEvent[], found: Findings): void {
  const carts = new Map<string, Cart>();
  const handOvers = new Map<string, HandOver>();
  const given = givenBack(events);
  for (const event of events) {
    if (partsOf(event.stream).aggregate === 'cart') {
      const cart = carts.get(event.stream) ?? { lines: [], generation: 1, closed: false };
      carts.set(event.stream, cart);
      found.never(!cart.closed, `${at(event)} changes a cart that was closed`);
      followCart(cart, event, given, found);
    }
    followGuest(handOvers, event, found);
  }
  for (const [guestId, { cart, aliased }] of handOvers) {
    found.inTheEnd(cart === 'merged', `The cart of guest ${guestId} is ${cart}`);
    found.inTheEnd(aliased, `The account does not know of its guest ${guestId}`);
  }
}

function followCart(cart: Cart, event: ShopEvent, given: ReadonlyMap<string, readonly Line[]>, found: Findings): void {
  const { type, data } = event;
  const only = (holds: boolean, why: string) => found.never(holds, `${at(event)}: ${why}`);
  switch (type) {
    case 'ItemAddedToCart':
      only(!cart.lines.some(({ variantId }) => variantId === data.line.variantId), 'the item is in the cart already');
      cart.lines = [...cart.lines, data.line];
      return;
    case 'CartItemQuantityChanged': {
      const line = cart.lines.find(({ lineId }) => lineId === data.lineId);
      only(line !== undefined && line.quantity !== data.quantity, 'there is no such line, or it was so before');
      cart.lines = cart.lines.map((other) => (other === line ? { ...line, quantity: data.quantity } : other));
      return;
    }
    case 'ItemRemovedFromCart':
      only(
        cart.lines.some(({ lineId }) => lineId === data.lineId),
        'there is no such line',
      );
      cart.lines = cart.lines.filter(({ lineId }) => lineId !== data.lineId);
      return;
    case 'CartCleared':
      cart.lines = [];
      return;
    case 'CartCheckedOut':
      only(data.generation === cart.generation, `generation ${cart.generation} was to be checked out`);
      only(
        data.lines.length > 0 && same(unitsOf(data.lines), unitsOf(cart.lines)),
        'it orders what was not in the cart',
      );
      cart.generation = data.generation + 1;
      cart.lines = [];
      return;
    case 'GuestCartClosed':
      only(same(data.lines, cart.lines), 'it hands over what was not in the cart');
      cart.lines = [];
      cart.closed = true;
      return;
    case 'CartReopened':
    case 'GuestCartMerged': {
      const from = given.get('orderId' in data ? data.orderId : data.guestId) ?? [];
      const notAdded = data.notAdded.map(({ line }) => line);
      only(same(unitsOf(cart.lines, from), unitsOf(data.lines, notAdded)), 'units got lost or were added');
      cart.lines = data.lines;
    }
  }
}

/** The lines that an order gives back when it is rejected, and those that a guest hands over: by order, and by guest. */
function givenBack(events: readonly ShopEvent[]): Map<string, readonly Line[]> {
  const given = new Map<string, readonly Line[]>();
  for (const { type, data, stream } of events) {
    if (type === 'CartCheckedOut') given.set(data.orderId, data.lines);
    if (type === 'GuestCartClosed') given.set(partsOf(stream).id, data.lines);
  }
  return given;
}

function followGuest(handOvers: Map<string, HandOver>, event: ShopEvent, found: Findings): void {
  const { type, data, stream } = event;
  const only = (holds: boolean, why: string) => found.never(holds, `${at(event)}: ${why}`);
  switch (type) {
    case 'GuestLinked':
      only(!handOvers.has(data.guestId), 'the guest is an account already');
      handOvers.set(data.guestId, { accountId: data.accountId, cart: 'open', aliased: false });
      return;
    case 'GuestCartClosed': {
      const handOver = handOvers.get(partsOf(stream).id);
      only(handOver?.accountId === data.accountId && handOver.cart === 'open', 'the guest is not that account');
      if (handOver) handOver.cart = data.lines.length > 0 ? 'closed' : 'merged';
      return;
    }
    case 'GuestCartMerged': {
      const handOver = handOvers.get(data.guestId);
      only(handOver?.cart === 'closed', `the guest's cart is ${handOver?.cart ?? 'its own'}`);
      only(handOver?.accountId === partsOf(stream).id, 'the guest is another account');
      if (handOver) handOver.cart = 'merged';
      return;
    }
    case 'GuestAliasAdded': {
      const handOver = handOvers.get(data.guestId);
      only(
        handOver?.accountId === data.accountId && !handOver.aliased,
        'it was so before, or the guest is another account',
      );
      if (handOver) handOver.aliased = true;
    }
  }
}

/** How many of each variant. */
function unitsOf(...lists: readonly (readonly Line[])[]): Units {
  const units: Record<string, number> = {};
  for (const { variantId, quantity } of lists.flat()) units[variantId] = (units[variantId] ?? 0) + quantity;
  return units;
}
