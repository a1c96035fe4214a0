import type { AccountEvent, GuestEvent } from '#src/accounts/accounts.events';
import { AddGuestAlias } from '#src/accounts/accounts.commands';
import type { CartEvent } from '#src/cart/cart.events';
import { CloseGuestCart, MergeGuestCart } from '#src/cart/cart.commands';
import { issue, type CommandResult, type ProcessInput } from '#src/kernel/processes/process';
import { cartMergeProcess, type GuestCartMerge } from '#src/processes/cart-merge.process';
import { eur, lineOf, offerOf } from '../support/shop';
