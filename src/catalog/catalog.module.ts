import { Global, Module } from '@nestjs/common';
import { Offers } from '../words/offers';
import { ProductOwners } from '../words/product-owners';
import { catalogCommandHandlers, ProductNames, Products } from './catalog.commands';
import { CatalogController } from './catalog.controller';
import { CatalogOwners, ProductOffers } from './product-offers';

/** Global, because other contexts ask for offers and owners by the ports in src/words and do not know this one. */
@Global()
@Module({
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
