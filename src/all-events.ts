import { accountEvents, guestEvents } from './accounts/accounts.events';
import { cartEvents } from './cart/cart.events';
import { catalogEvents } from './catalog/catalog.events';
import { inventoryEvents } from './inventory/inventory.events';
import { claimEvents } from './kernel/claims';
import type { EventDefinitions } from './kernel/event-definitions';
import { processEvents } from './kernel/processes/process.events';
import { skipEvents } from './kernel/read-models/skips.events';
import { storeIdentityEvents } from './kernel/store-identity.events';
import { markEvents } from './kernel/write-path/mark.events';
import { orderEvents } from './ordering/ordering.events';
import { paymentEvents } from './payments/payments.events';

/** Every event that this release can store. */
export const allEvents: readonly EventDefinitions[] = [
  markEvents,
  accountEvents,
  cartEvents,
  claimEvents,
  guestEvents,
  inventoryEvents,
  orderEvents,
  paymentEvents,
  processEvents,
  catalogEvents,
  skipEvents,
  storeIdentityEvents,
];
