import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { inventoryCommandHandlers, Stocks } from './inventory.commands';
import { InventoryController } from './inventory.controller';

@Module({
  imports: [CqrsModule],
  controllers: [InventoryController],
  providers: [Stocks, ...inventoryCommandHandlers],
  exports: [Stocks],
})
export class InventoryModule {}
