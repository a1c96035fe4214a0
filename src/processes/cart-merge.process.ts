import { AddGuestAlias } from '../accounts/accounts.commands';
import type { GuestEvent } from '../accounts/accounts.events';
import { CloseGuestCart, MergeGuestCart } from '../cart/cart.commands';
import type { CartEvent } from '../cart/cart.events';
import { partsOf } from '../kernel/aggregate';
import { issue, type Process, type ProcessInput, type Reaction } from '../kernel/processes/process';

/** However long the shop was down, nobody loses a cart: these commands have no effect when they are repeated. */
const WITHIN_MS = 365 * 24 * 60 * 60_000;

type CartMergeEvent = GuestEvent | CartEvent;

export interface GuestCartMerge {
  readonly phase: 'none' | 'closing' | 'merging' | 'merged';
  readonly accountId: string;
}

/**
 * What a guest leaves to the account that it becomes: its orders by an alias, its cart by closing it first and then adding its
 * lines to the account's, so that no line is in two carts that can be checked out. One instance for each guest.
 */
export const cartMergeProcess: Process<GuestCartMerge, CartMergeEvent> = {
  name: 'cartMerge',
  stateVersion: 1,
  initial: { phase: 'none', accountId: '' },
  on: {
    GuestLinked: ({ data }) => data.guestId,
    GuestCartClosed: ({ stream }) => partsOf(stream).id,
  },
  commands: [AddGuestAlias, CloseGuestCart, MergeGuestCart],
  react,
};

function react(merge: GuestCartMerge, input: ProcessInput<CartMergeEvent>): Reaction<GuestCartMerge> | null {
  if (input.kind === 'timeout') return null;
  const options = { notAfter: new Date(Date.parse(input.at) + WITHIN_MS).toISOString() };
  if (input.kind === 'settled') {
    const last = input.results.at(-1);
    const merged = last?.name === MergeGuestCart.name && last.outcome === 'done';
    return merged ? { state: { ...merge, phase: 'merged' } } : null;
  }
  const { event } = input;
  switch (event.type) {
    case 'GuestLinked': {
      const { guestId, accountId } = event.data;
      const commands = [
        issue(AddGuestAlias, { accountId, guestId }, options),
        issue(CloseGuestCart, { guestId, accountId }, options),
      ];
      return { state: { phase: 'closing', accountId }, commands };
    }
    case 'GuestCartClosed': {
      const { accountId, lines } = event.data;
      if (lines.length === 0) return { state: { phase: 'merged', accountId } };
      const guestId = partsOf(event.stream).id;
      const commands = [issue(MergeGuestCart, { accountId, guestId, lines }, options)];
      return { state: { phase: 'merging', accountId }, commands };
    }
    default:
      return null;
  }
}
