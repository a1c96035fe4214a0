import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Clock } from '../kernel/clock';
import { deriveId } from '../kernel/ids';
import { Secrets } from '../kernel/secrets';
import { systemContext } from '../kernel/system-context';
import { PaymentGateway, type PaymentOutcome } from './gateway';
import { RecordPaymentOutcome } from './payments.commands';

/** Takes down what the gateway tells on its own. What gets lost here is found by looking the payment up. */
@Injectable()
export class GatewayNotifications implements OnModuleInit {
  private readonly logger = new Logger('Payments');

  constructor(
    private readonly gateway: PaymentGateway,
    private readonly commands: CommandBus,
    readonly secrets: Secrets,
    readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.gateway.onOutcome((paymentId, outcome) => void this.record(paymentId, outcome));
  }

  private async record(paymentId: string, outcome: PaymentOutcome): Promise<void> {
    try {
      const asksFor = JSON.stringify(outcome);
      const commandId = deriveId(paymentId, `notification/${asksFor}`);
      const context = systemContext(this, { issuer: 'payment-gateway', asksFor, commandId });
      await this.commands.execute(new RecordPaymentOutcome(context, { paymentId, outcome }));
    } catch (error) {
      this.logger.warn(`What the gateway told about payment ${paymentId} was not taken down: ${String(error)}`);
    }
  }
}
