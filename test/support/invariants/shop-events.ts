import type { AccountEvent, GuestEvent } from '#src/accounts/accounts.events';
import { allEvents } from '#src/contexts';
import type { CartEvent } from '#src/cart/cart.events';
import type { ProductEvent } from '#src/catalog/catalog.events';
import type { StockEvent } from '#src/inventory/inventory.events';
import { EventRegistry } from '#src/kernel/event-definitions';
import type { RecordedEvent, Stored } from '#src/kernel/events';
import type { ProcessEvent } from '#src/kernel/processes/process.events';
import type { OrderEvent } from '#src/ordering/ordering.events';
import type { PaymentEvent } from '#src/payments/payments.events';

/** Every event that the invariants speak of. */
export type ShopEvent = Stored<
  AccountEvent | CartEvent | GuestEvent | OrderEvent | PaymentEvent | ProcessEvent | ProductEvent | StockEvent
>;
export type DataOf<T extends ShopEvent['type']> = Extract<ShopEvent, { type: T }>['data'];

export const shopRegistry = new EventRegistry(allEvents);

/** The log in the newest version of each type. Types that nobody checks pass by. */
export const shopEvents = (log: readonly RecordedEvent[]): ShopEvent[] =>
  log.map((event) => shopRegistry.decode(event) as ShopEvent);

/** Which event it is, for a sentence. */
export const at = ({ type, stream, revision }: Pick<ShopEvent, 'type' | 'stream' | 'revision'>): string =>
  `${type} at ${stream}/${revision}`;
