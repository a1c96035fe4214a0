import { Module } from '@nestjs/common';
import { OrderingController } from './ordering.controller';
import { Orders, orderingCommandHandlers } from './ordering.commands';

@Module({
  controllers: [OrderingController],
  providers: [Orders, ...orderingCommandHandlers],
})
export class OrderingModule {}
