import type { StockEvent } from '#src/inventory/inventory.events';
import { projection } from '#src/kernel/read-models/projection';

/** How many units of one variant there are. */
export interface StockLevel {
  readonly variantId: string;
  readonly productId: string;
  /** Units in the shop, reserved ones included. */
  readonly onHand: number;
  readonly reserved: number;
  /** Units that can be bought now. */
  readonly available: number;
}

/** An event by which on-hand and reserved units become more (or, below 0, fewer). */
const change = <E extends { readonly data: { readonly variantId: string; readonly productId: string } }>(
  by: (event: E) => { onHand?: number; reserved?: number },
) => ({
  keys: ({ data }: E) => [data.variantId],
  evolve: (level: StockLevel | null, event: E): StockLevel => {
    const { variantId, productId } = event.data;
    const changes = by(event);
    const onHand = (level?.onHand ?? 0) + (changes.onHand ?? 0);
    const reserved = (level?.reserved ?? 0) + (changes.reserved ?? 0);
    return { variantId, productId, onHand, reserved, available: onHand - reserved };
  },
});

type Of<T extends StockEvent['type']> = { readonly data: Extract<StockEvent, { type: T }>['data'] };

export const stockLevels = projection<StockLevel, StockEvent>({
  name: 'stock-levels',
  version: 1,
  indexes: [{ productId: 1 }, { available: 1 }],
  on: {
    StockReceived: change(({ data }: Of<'StockReceived'>) => ({ onHand: data.quantity })),
    StockAdjusted: change(({ data }: Of<'StockAdjusted'>) => ({ onHand: data.delta })),
    StockReserved: change(({ data }: Of<'StockReserved'>) => ({ reserved: data.quantity })),
    StockReleased: change(({ data }: Of<'StockReleased'>) => ({ reserved: -data.quantity })),
    StockCommitted: change(({ data }: Of<'StockCommitted'>) => ({ onHand: -data.quantity, reserved: -data.quantity })),
  },
});
