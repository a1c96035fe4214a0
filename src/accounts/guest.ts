import type { Aggregate } from '../kernel/aggregate';
import { refusedGuest } from '../words/guests';
import { guestEvents, type GuestEvent } from './accounts.events';

/** A guest has no stream until it logs in: it exists by its token alone. */
export interface Guest {
  /** The account that the guest became. */
  readonly accountId: string | null;
}

export const guest: Aggregate<Guest, GuestEvent> = {
  name: 'guest',
  stateVersion: 1,
  initial: { accountId: null },
  events: guestEvents,
  evolve: (_, { data }) => ({ accountId: data.accountId }),
};

/** The guest logged in as this account. Of two accounts that want the same guest, the first one has it. */
export function link(guest: Guest, { guestId, accountId }: { guestId: string; accountId: string }): GuestEvent[] {
  if (guest.accountId === accountId) return [];
  refuseLinked(guest);
  return [{ type: 'GuestLinked', data: { guestId, accountId } }];
}

/** @throws Rejected `guest-token-used` */
export function refuseLinked({ accountId }: Guest): void {
  if (accountId !== null) throw refusedGuest('guest-token-used', { accountId });
}
