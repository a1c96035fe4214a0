import type { Projection } from '#src/kernel/read-models/projection';
import { orderHistory } from './order-history/order-history.projection';
import { orderTracking } from './order-tracking/order-tracking.projection';
import { productSearch } from './product-search/product-search.projection';
import { stockLevels } from './stock-levels/stock-levels.projection';

/** Every read model of this release. */
export const allProjections = [
  orderHistory,
  orderTracking,
  productSearch,
  stockLevels,
] as unknown as readonly Projection[];
