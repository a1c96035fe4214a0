import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ProjectionsModule } from '#projections/projections.module';
import { AccountsModule } from '../accounts/accounts.module';
import { CartModule } from '../cart/cart.module';
import { CatalogModule } from '../catalog/catalog.module';
import { HistoryModule } from '../history/history.module';
import { IntegrationModule } from '../integration/integration.module';
import { InventoryModule } from '../inventory/inventory.module';
import { OperationsModule } from '../operations/operations.module';
import { OrderingModule } from '../ordering/ordering.module';
import { PaymentsModule } from '../payments/payments.module';

/** The shop: every context, and the queries. */
@Module({
  imports: [
    CqrsModule.forRoot(),
    AccountsModule,
    CatalogModule,
    InventoryModule,
    CartModule,
    OrderingModule,
    PaymentsModule,
    IntegrationModule,
    HistoryModule,
    OperationsModule,
    ProjectionsModule,
  ],
})
export class AppModule {}
