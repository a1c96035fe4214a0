import { GatewayUnavailable, type PaymentOutcome } from '#src/payments/gateway';
import type { Choices } from './choices';

type Status = 'none' | 'pending' | 'captured' | 'declined' | 'voided';

/** A payment provider at its worst: silent before or after it did it, undecided, and of another mind later. */
export class WaywardGateway {
  status: Status = 'none';
  refunded = false;

  constructor(private readonly choices: Choices) {}

  charge(): PaymentOutcome {
    if (this.status !== 'none') return this.answer();
    const status = this.choices.of<Status>('captured', 'declined', 'pending', 'none');
    this.status = status;
    return status === 'none' ? silent() : this.answer();
  }

  lookUp(): PaymentOutcome {
    if (this.status === 'pending') this.status = this.choices.of('captured', 'declined', 'pending');
    return this.answer();
  }

  void(): PaymentOutcome {
    if (this.status === 'none' || this.status === 'pending') this.status = 'voided';
    return this.answer();
  }

  refund(): void {
    this.refunded = true;
    this.answer();
  }

  /** What it tells by itself; money may come even where it had said that none would. */
  tell(): PaymentOutcome {
    if (this.status !== 'none') this.status = this.choices.of<Status>(this.status, 'captured');
    return this.outcome;
  }

  private answer(): PaymentOutcome {
    return this.choices.of(true, true, false) ? this.outcome : silent();
  }

  private get outcome(): PaymentOutcome {
    if (this.status === 'captured') return { status: this.status, reference: 'charge' };
    if (this.status === 'declined') return { status: this.status, reason: 'card-declined' };
    return { status: this.status };
  }
}

const silent = (): never => {
  throw new GatewayUnavailable('No answer.');
};
