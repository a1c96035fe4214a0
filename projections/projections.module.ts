import { Global, Module } from '@nestjs/common';
import { SeenOrders } from '#src/words/orders';
import { OrderHistoryController } from './order-history/order-history.controller';
import { OrderViews } from './order-history/order-views';
import { OrdersInHistory } from './order-history/orders-in-history';
import { OrderTrackingController } from './order-tracking/order-tracking.controller';
import { ProductSearchController } from './product-search/product-search.controller';
import { FoundProducts } from './product-search/product-search.queries';

/** The read side of the API. Global, because contexts ask for what read models know by the ports in src/words. */
@Global()
@Module({
  controllers: [OrderHistoryController, OrderTrackingController, ProductSearchController],
  providers: [FoundProducts, OrdersInHistory, OrderViews, { provide: SeenOrders, useExisting: OrdersInHistory }],
  exports: [OrdersInHistory, OrderViews, SeenOrders],
})
export class ProjectionsModule {}
