import type { RecordedEvent } from '#src/kernel/events';
import { checkCarts } from './invariants/cart-invariants';
import { Findings } from './invariants/findings';
import { checkLog, type StoreClock } from './invariants/log-invariants';
import { checkNames } from './invariants/name-invariants';
import { checkOrders } from './invariants/order-invariants';
import { checkBooks, type GatewayBooks } from './invariants/payment-invariants';
import { checkProcesses } from './invariants/process-invariants';
import { shopEvents } from './invariants/shop-events';
import { checkStock } from './invariants/stock-invariants';

export type { Findings, GatewayBooks, StoreClock };

const AREAS = ['log', 'stock', 'orders', 'carts', 'processes', 'names', 'books'] as const;
/** What the invariants are about. */
export type Area = (typeof AREAS)[number];

/**
 * Everything that must hold in a log of the shop, whatever happened to the processes that wrote it. Pure, over the events in log
 * order from the first one on. `violations` must be empty for every prefix of every log; `unfinished` once the shop is at rest.
 * `books`: those of the gateway, once the shop is at rest.
 */
export function findingsIn(log: readonly RecordedEvent[], books?: GatewayBooks, clock?: StoreClock): Findings {
  const found = new Findings();
  for (const { violations, unfinished } of Object.values(findingsByArea(log, books, clock))) {
    found.violations.push(...violations);
    found.unfinished.push(...unfinished);
  }
  return found;
}

/** The same, by what it is about. */
export function findingsByArea(
  log: readonly RecordedEvent[],
  books?: GatewayBooks,
  clock?: StoreClock,
): Readonly<Record<Area, Findings>> {
  const found = Object.fromEntries(AREAS.map((area) => [area, new Findings()])) as Record<Area, Findings>;
  checkLog(log, found.log, clock);
  // Events that are not what they seem would say nothing about the shop.
  if (found.log.violations.length > 0) return found;
  const events = shopEvents(log);
  checkStock(events, found.stock);
  checkOrders(events, found.orders);
  checkCarts(events, found.carts);
  checkProcesses(events, found.processes);
  checkNames(events, found.names);
  if (books) checkBooks(events, books, found.books);
  return found;
}
