import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Offers } from '../words/offers';
import { ProductOwners } from '../words/product-owners';
import { catalogCommandHandlers, ProductNames, Products } from './catalog.commands';
import { CatalogController } from './catalog.controller';
import { CatalogOwners, ProductOffers } from './product-offers';

/** Global, because other contexts ask for offers and owners by the ports in src/shop and do not know this one. */
@Global()
@Module({
  imports: [CqrsModule],
  controllers: [CatalogController],
  providers: [
    Products,
    ProductNames,
    { provide: Offers, useClass: ProductOffers },
    { provide: ProductOwners, useClass: CatalogOwners },
    ...catalogCommandHandlers,
  ],
  exports: [Offers, ProductOwners],
})
export class CatalogModule {}
