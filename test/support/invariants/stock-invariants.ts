import type { Findings } from './findings';
import { at, type ShopEvent } from './shop-events';

interface Shelf {
  onHand: number;
  reserved: number;
}

/** In no prefix of the log is a stock below zero, or are more units reserved than there are. */
export function checkStock(events: readonly ShopEvent[], found: Findings): void {
  const shelves = new Map<string, Shelf>();
  for (const event of events) {
    const change = changeBy(event);
    if (!change) continue;
    const shelf = shelves.get(event.stream) ?? { onHand: 0, reserved: 0 };
    shelves.set(event.stream, shelf);
    shelf.onHand += change.onHand;
    shelf.reserved += change.reserved;
    const { onHand, reserved } = shelf;
    found.never(0 <= reserved && reserved <= onHand, `${at(event)} leaves ${reserved} reserved of ${onHand} on hand`);
  }
}

function changeBy({ type, data }: ShopEvent): Shelf | null {
  switch (type) {
    case 'StockReceived':
      return { onHand: data.quantity, reserved: 0 };
    case 'StockAdjusted':
      return { onHand: data.delta, reserved: 0 };
    case 'StockReserved':
      return { onHand: 0, reserved: data.quantity };
    case 'StockReleased':
      return { onHand: 0, reserved: -data.quantity };
    case 'StockCommitted':
      return { onHand: -data.quantity, reserved: -data.quantity };
    default:
      return null;
  }
}
