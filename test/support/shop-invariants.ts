import type { RecordedEvent } from '#src/kernel/events';
import { checkCarts } from './invariants/cart-invariants';
import { Findings } from './invariants/findings';
import { checkLog } from './invariants/log-invariants';
import { checkNames } from './invariants/name-invariants';
import { checkOrders } from './invariants/order-invariants';
import { checkBooks, type GatewayBooks } from './invariants/payment-invariants';
import { checkProcesses } from './invariants/process-invariants';
import { shopEvents } from './invariants/shop-events';
import { checkStock } from './invariants/stock-invariants';

export type { Findings, GatewayBooks };

/**
 * Everything that must hold in a log of the shop, whatever happened to the processes that wrote it. Pure, over the events in log
 * order from the first one on. `violations` must be empty for every prefix of every log; `unfinished` once the shop is at rest.
 * `books`: those of the gateway, once the shop is at rest.
 */
export function findingsIn(log: readonly RecordedEvent[], books?: GatewayBooks): Findings {
  const found = new Findings();
  checkLog(log, found);
  // Events that are not what they seem would say nothing about the shop.
  if (found.violations.length > 0) return found;
  const events = shopEvents(log);
  checkStock(events, found);
  checkOrders(events, found);
  checkCarts(events, found);
  checkProcesses(events, found);
  checkNames(events, found);
  if (books) checkBooks(events, books, found);
  return found;
}
