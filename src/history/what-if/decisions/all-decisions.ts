import { account } from '../../../accounts/account';
import { cart } from '../../../cart/cart';
import { product } from '../../../catalog/product';
import { stock } from '../../../inventory/stock';
import { order } from '../../../ordering/order';
import { foldOfAggregate, type StreamFold } from '../../folds/stream-fold';
import { cartDecisions } from './cart.decisions';
import { catalogDecisions } from './catalog.decisions';
import type { Decision } from './decision';
import { inventoryDecisions } from './inventory.decisions';
import { orderingDecisions } from './ordering.decisions';

/** Every decision that can be taken again. */
export const allDecisions: readonly Decision[] = [
  ...cartDecisions,
  ...inventoryDecisions,
  ...orderingDecisions,
  ...catalogDecisions,
];

/** How the states fold that these decisions are taken on, by the names of the aggregates. */
export const decisionFolds: ReadonlyMap<string, StreamFold> = new Map(
  [
    foldOfAggregate(account),
    foldOfAggregate(cart),
    foldOfAggregate(order),
    foldOfAggregate(product),
    foldOfAggregate(stock),
  ].map((fold) => [fold.name, fold as StreamFold]),
);
