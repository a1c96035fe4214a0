import { Module } from '@nestjs/common';
import { GatewayNotifications } from './gateway-notifications';
import { Payments, paymentsCommandHandlers } from './payments.commands';

@Module({
  providers: [Payments, GatewayNotifications, ...paymentsCommandHandlers],
})
export class PaymentsModule {}
