import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { OrderingController } from './ordering.controller';
import { Orders, orderingCommandHandlers } from './ordering.commands';

@Module({
  imports: [CqrsModule],
  controllers: [OrderingController],
  providers: [Orders, ...orderingCommandHandlers],
  exports: [Orders],
})
export class OrderingModule {}
