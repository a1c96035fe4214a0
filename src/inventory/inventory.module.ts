import { Global, Module } from '@nestjs/common';
import { Availability } from '../words/availability';
import { AvailableStocks } from './available-stocks';
import { inventoryCommandHandlers, Stocks } from './inventory.commands';
import { InventoryController } from './inventory.controller';

/** Global, because other contexts ask what is available by the port in src/words and do not know this one. */
@Global()
@Module({
  controllers: [InventoryController],
  providers: [Stocks, { provide: Availability, useClass: AvailableStocks }, ...inventoryCommandHandlers],
  exports: [Availability],
})
export class InventoryModule {}
