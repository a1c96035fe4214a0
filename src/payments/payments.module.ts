import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { GatewayNotifications } from './gateway-notifications';
import { Payments, paymentsCommandHandlers } from './payments.commands';

@Module({
  imports: [CqrsModule],
  providers: [Payments, GatewayNotifications, ...paymentsCommandHandlers],
  exports: [Payments],
})
export class PaymentsModule {}
