import { AddGuestAlias } from '#src/accounts/accounts.commands';
import type { GuestEvent } from '#src/accounts/accounts.events';
import { CloseGuestCart, MergeGuestCart } from '#src/cart/cart.commands';
import { issue } from '#src/kernel/processes/process';
import { cartMergeProcess } from '#src/processes/cart-merge.process';
import type { Line } from '#src/words/lines';
import { done, refused, run, settled, skipped, timedOut } from '../support/given-process';
import { eur, lineOf, offerOf } from '../support/shop';

const merge = run(cartMergeProcess);
const mug = lineOf(offerOf('mug', eur(1_200)), 2);

const recordedAt = '2026-01-01T12:00:00.000Z';
const within = { notAfter: '2027-01-01T12:00:00.000Z' };

const linked: GuestEvent & { recordedAt: string } = {
  type: 'GuestLinked',
  data: { guestId: 'gus', accountId: 'ann' },
  recordedAt,
};
const closed = (...lines: Line[]) => ({
  type: 'GuestCartClosed',
  data: { accountId: 'ann', lines },
  stream: 'cart-gus',
  recordedAt,
});

describe('when a guest logs in', () => {
  it("makes the guest's orders the account's, and closes the guest's cart", () =>
    merge
      .given()
      .when(linked)
      .then({
        commands: [
          issue(AddGuestAlias, { accountId: 'ann', guestId: 'gus' }, within),
          issue(CloseGuestCart, { guestId: 'gus', accountId: 'ann' }, within),
        ],
        state: { phase: 'closing', accountId: 'ann' },
      }));

  it("adds the lines to the account's cart only after they can't be checked out from the guest's any more", () => {
    merge
      .given(linked)
      .when(settled([done(AddGuestAlias), done(CloseGuestCart)]))
      .thenNothing();
    merge
      .given(linked)
      .when(closed(mug))
      .then({
        commands: [issue(MergeGuestCart, { accountId: 'ann', guestId: 'gus', lines: [mug] }, within)],
        state: { phase: 'merging' },
      });
  });

  it("leaves the account's cart alone when the guest had nothing in the cart", () =>
    merge
      .given(linked)
      .when(closed())
      .then({ commands: [], state: { phase: 'merged' } }));

  it('is done when the lines are in the account’s cart', () =>
    merge
      .given(linked, closed(mug))
      .when(settled([done(MergeGuestCart)]))
      .then({ commands: [], state: { phase: 'merged', accountId: 'ann' } }));

  it('does nothing about an answer that is none of a merge', () => {
    merge
      .given(linked)
      .when(settled([refused(AddGuestAlias, 'account-not-found'), skipped(CloseGuestCart)]))
      .thenNothing();
    merge
      .given(linked, closed(mug))
      .when(settled([refused(MergeGuestCart, 'command-expired')]))
      .thenNothing();
  });

  it('waits for nothing, and begins with nothing', () => {
    expect(merge.given().state).toEqual({ phase: 'none', accountId: '' });
    merge.given(linked).when(timedOut('anything')).thenNothing();
    merge.given(linked, closed(mug)).when(settled([])).thenNothing();
  });
});
