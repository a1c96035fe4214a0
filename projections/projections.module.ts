import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { OrderHistoryController } from './order-history/order-history.controller';
import { orderHistoryQueryHandlers } from './order-history/order-history.queries';
import { OrderViews } from './order-history/order-views';
import { OrderTrackingController } from './order-tracking/order-tracking.controller';
import { ProductSearchController } from './product-search/product-search.controller';
import { productSearchQueryHandlers } from './product-search/product-search.queries';

/** The read side of the API: queries, and the routes that answer them. */
@Module({
  imports: [CqrsModule],
  controllers: [OrderHistoryController, OrderTrackingController, ProductSearchController],
  providers: [OrderViews, ...orderHistoryQueryHandlers, ...productSearchQueryHandlers],
})
export class ProjectionsModule {}
