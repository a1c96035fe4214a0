import { Module } from '@nestjs/common';
import { inventoryCommandHandlers, Stocks } from './inventory.commands';
import { InventoryController } from './inventory.controller';

@Module({
  controllers: [InventoryController],
  providers: [Stocks, ...inventoryCommandHandlers],
})
export class InventoryModule {}
