import type { Projection } from '#src/kernel/read-models/projection';
import { orderHistory } from './order-history/order-history.projection';
import { orderTracking } from './order-tracking/order-tracking.projection';

/** Every read model of this release. */
export const allProjections = [orderHistory, orderTracking] as unknown as readonly Projection[];
