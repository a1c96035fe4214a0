import { cartMappings } from './cart-mapping';
import type { EventMapping } from './event-mapping';
import { orderMappings } from './order-mapping';
import { paymentMappings } from './payment-mapping';
import { productMappings } from './product-mapping';
import { stockMappings } from './stock-mapping';

/** What becomes of the events of each aggregate in OCEL. */
export const mappedAggregates: Readonly<Record<string, Readonly<Record<string, EventMapping>>>> = {
  cart: cartMappings,
  order: orderMappings,
  payment: paymentMappings,
  product: productMappings,
  stock: stockMappings,
};

/** Aggregates of whose events OCEL shows nothing, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  account: 'Passwords, roles and sessions are no part of the trade; who buys and sells is named by the other events.',
  claim: 'Claims keep names unique; they are bookkeeping of the kernel.',
  guest: 'That a guest became an account is told by the carts.',
  mark: 'The kernel marks where a name in the catalogue or an e-mail was claimed and not used; nothing of the trade happens.',
  process: 'Processes only say why something was decided; what they brought about are events of the other aggregates.',
  projectionSkips: 'Operators tell projectors there what to skip.',
  storeIdentity: 'It says which store this is.',
};

/** By event type, in their alphabetical order. */
export const allMappings: ReadonlyMap<string, EventMapping> = new Map(
  Object.values(mappedAggregates)
    .flatMap((mappings) => Object.entries(mappings))
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);
