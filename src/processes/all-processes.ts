import type { AnyProcess } from '../kernel/processes/process';
import { checkoutProcess } from './checkout.process';

/** Every process manager of the shop. */
export const allProcesses = [checkoutProcess] as unknown as readonly AnyProcess[];
