import type { AnyProcess } from '../kernel/processes/process';
import { cartMergeProcess } from './cart-merge.process';
import { checkoutProcess } from './checkout.process';

/** Every process manager of the shop. */
export const allProcesses = [cartMergeProcess, checkoutProcess] as unknown as readonly AnyProcess[];
