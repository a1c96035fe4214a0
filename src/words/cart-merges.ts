import type { Position } from '../kernel/position';

/** How far a guest's cart has come on its way into an account's cart. */
export interface CartMerge {
  /** The lines are in the account's cart, or there was nothing to take over. */
  readonly merged: boolean;
  /** Covers the merge, where there was one. */
  readonly position: Position | null;
}

/** What becomes of a guest's cart after the guest has logged in. */
export abstract class CartMerges {
  /** Waits until the merge is done, at most `timeoutMs`; answers at once when the guest had nothing in the cart. */
  abstract settled(accountId: string, guestId: string, timeoutMs: number): Promise<CartMerge>;
}
