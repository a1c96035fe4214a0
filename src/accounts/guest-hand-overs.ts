import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { CommandContext } from '../kernel/commands';
import type { Principal } from '../kernel/http/principal';
import { deriveId } from '../kernel/ids';
import { Rejected, rejections } from '../kernel/rejection';
import { CartMerges, type CartMerge } from '../words/cart-merges';
import { MAX_GUESTS, takesGuest } from './account';
import { Accounts } from './accounts.commands';
import { refuseLinked } from './guest';
import { Guests, LinkGuest } from './guests.commands';
import { Tokens } from './tokens';

/** So long a log-in waits for the guest's cart to be in the account's. */
const PATIENCE_MS = 1_000;

const rejected = rejections({
  'guest-token-invalid': [400, 'guestToken is not a valid token of a guest (any more); log in without it.'],
  'too-many-guests': [409, 'As many guests as can have become this account; log in without guestToken.'],
});

/** What a guest leaves to the account that it becomes: its cart and its orders. */
@Injectable()
export class GuestHandOvers {
  constructor(
    private readonly tokens: Tokens,
    private readonly guests: Guests,
    private readonly accounts: Accounts,
    private readonly merges: CartMerges,
    private readonly commands: CommandBus,
  ) {}

  /**
   * Id of the guest who becomes the account, or null. A guest token that is stated in the body must be good. One that is merely
   * in the header, because the client had sent it with everything before, is passed over if it is another account's already, or if
   * as many guests as can have become the account.
   * @throws Rejected `guest-token-invalid`, `guest-token-used` or `too-many-guests`
   */
  async guestFor(accountId: string, stated: string | undefined, bearer: Principal | null): Promise<string | null> {
    const guestId = stated === undefined ? (bearer?.kind === 'guest' ? bearer.id : null) : await this.guestOf(stated);
    if (guestId === null) return null;
    const { state } = await this.guests.get(guestId);
    if (state.accountId === accountId) return guestId;
    if (stated !== undefined) refuseLinked(state);
    if (state.accountId !== null) return null;
    if (takesGuest((await this.accounts.get(accountId)).state, guestId)) return guestId;
    if (stated !== undefined) throw rejected('too-many-guests', { most: MAX_GUESTS });
    return null;
  }

  /**
   * Makes the guest the account's, and waits a second at most for its cart; null: it had become another's a moment ago, which is
   * passed over unless it `mustBeFree`.
   * @throws Rejected `guest-token-used`
   */
  async handOver(
    context: CommandContext,
    accountId: string,
    guestId: string,
    { mustBeFree }: { readonly mustBeFree: boolean },
  ): Promise<CartMerge | null> {
    const linking = {
      ...context,
      commandId: deriveId(context.commandId, 'link-guest'),
      actor: { kind: 'account', id: accountId },
      ifMatch: undefined,
    } as const;
    try {
      await this.commands.execute(new LinkGuest(linking, { guestId, accountId }));
    } catch (error) {
      if (mustBeFree || !(error instanceof Rejected) || error.code !== 'guest-token-used') throw error;
      return null;
    }
    return this.merges.settled(accountId, guestId, PATIENCE_MS);
  }

  private async guestOf(token: string): Promise<string> {
    try {
      const claims = await this.tokens.claimsOf(token);
      if (claims.kind === 'guest') return claims.sub;
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
    }
    throw rejected('guest-token-invalid');
  }
}
