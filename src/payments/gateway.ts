import type { PaymentMethod } from '../words/people';

export interface Charge {
  /** The gateway's idempotency key: a second charge with it moves no money and answers as the first. */
  readonly paymentId: string;
  readonly amountMinor: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly method: PaymentMethod;
  /** ISO 8601, UTC: no money moves after it, and the charge answers `voided` then, or what became of it in time. */
  readonly notAfter?: string;
}

export interface Refund {
  /** The gateway's idempotency key of the refund. */
  readonly refundId: string;
  readonly paymentId: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** What the gateway knows of a payment. `pending` may become either; `none`: it never heard of it. */
export type PaymentOutcome =
  | { readonly status: 'captured'; readonly reference: string }
  | { readonly status: 'declined'; readonly reason: string }
  | { readonly status: 'voided' }
  | { readonly status: 'pending' }
  | { readonly status: 'none' };

/** The gateway could not be reached or did not answer in time: what it did is not known. */
export class GatewayUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GatewayUnavailable';
  }
}

/** The port to who moves the money. Everything it answers is taken as hostile until it fits what was asked for. */
export abstract class PaymentGateway {
  /** @throws GatewayUnavailable */
  abstract charge(charge: Charge): Promise<PaymentOutcome>;
  /** @throws GatewayUnavailable */
  abstract lookUp(paymentId: string): Promise<PaymentOutcome>;
  /** Makes sure that the payment is never captured; answers `captured` when it was already. @throws GatewayUnavailable */
  abstract void(paymentId: string): Promise<PaymentOutcome>;
  /** Answers the gateway's reference. @throws GatewayUnavailable */
  abstract refund(refund: Refund): Promise<{ reference: string }>;
  /** Calls `listener` when a payment's outcome becomes known on its own; it may come late, twice, or never. */
  abstract onOutcome(listener: (paymentId: string, outcome: PaymentOutcome) => void): void;
  abstract close(): Promise<void>;
}
