import type { AnyProcess } from '../kernel/processes/process';
import { cartMergeProcess } from './cart-merge.process';
import { checkoutProcess } from './checkout.process';

/** Every process manager of the shop. */
export const allProcesses: readonly AnyProcess[] = [cartMergeProcess, checkoutProcess];
