import type { Findings } from './findings';
import { at, type DataOf, type ShopEvent } from './shop-events';

/** The money of one order. `void`: never captured, and never will be. */
export interface PaymentState {
  status: 'none' | 'requested' | 'unknown' | 'captured' | 'declined' | 'voided' | 'refunding' | 'refunded';
}

type Status = PaymentState['status'];

/** No money of the order is with the shop, or can still come without being noticed. */
export const isSettled = ({ status }: PaymentState): boolean =>
  status === 'declined' || status === 'voided' || status === 'refunded';

/** Which event may find the payment how. Money that arrives after a decline or a void is taken down, to be given back. */
const steps: Partial<Record<ShopEvent['type'], { readonly from: readonly Status[]; readonly to: Status }>> = {
  PaymentRequested: { from: ['none'], to: 'requested' },
  PaymentOutcomeUnknown: { from: ['requested'], to: 'unknown' },
  PaymentCaptured: { from: ['requested', 'unknown', 'declined', 'voided'], to: 'captured' },
  PaymentDeclined: { from: ['requested', 'unknown'], to: 'declined' },
  PaymentVoided: { from: ['none', 'requested', 'unknown'], to: 'voided' },
  RefundRequested: { from: ['captured'], to: 'refunding' },
  PaymentRefunded: { from: ['refunding'], to: 'refunded' },
};

/** Follows the payment by one event: the steps are legal, and the amount is what the buyer agreed to. */
export function checkPayment(
  payment: PaymentState,
  { totals }: DataOf<'CartCheckedOut'>,
  event: ShopEvent,
  found: Findings,
): void {
  const step = steps[event.type];
  if (!step) return;
  found.never(step.from.includes(payment.status), `${at(event)} finds the payment ${payment.status}`);
  payment.status = step.to;
  if (!('amountMinor' in event.data)) return;
  const { amountMinor, currency } = event.data;
  const agreed = amountMinor === totals.totalMinor && currency === totals.currency;
  found.never(agreed, `${at(event)} is about ${amountMinor} ${currency}, not ${totals.totalMinor} ${totals.currency}`);
}

/** What the gateway has in its books. */
export interface GatewayBooks {
  readonly payments: readonly { readonly id: string; readonly status: string }[];
  readonly refunds: readonly { readonly payment: string; readonly amountMinor: number }[];
}

/** The gateway's books and the shop's log tell the same of every payment. To be asked when the shop has come to rest. */
export function checkBooks(events: readonly ShopEvent[], { payments, refunds }: GatewayBooks, found: Findings): void {
  const known = new Map<string, { status: Status; amountMinor: number; requested: boolean }>();
  for (const { type, data } of events) {
    const step = steps[type];
    if (!step || !('paymentId' in data)) continue;
    const was = known.get(data.paymentId) ?? { status: 'none', amountMinor: 0, requested: false };
    known.set(data.paymentId, {
      status: step.to,
      amountMinor: 'amountMinor' in data ? data.amountMinor : was.amountMinor,
      requested: was.requested || type === 'PaymentRequested',
    });
  }
  const books = new Map(payments.map(({ id, status }) => [id, status]));
  for (const [id, { status, requested, amountMinor }] of known) {
    const booked = books.get(id) ?? 'none';
    found.never(
      isBookedAs(status, booked, requested),
      `Payment ${id} is ${status}, and ${booked} in the gateway's books`,
    );
    const back = refunds.filter(({ payment }) => payment === id);
    const expected = status === 'refunded' ? [amountMinor] : [];
    found.never(
      JSON.stringify(back.map((refund) => refund.amountMinor)) === JSON.stringify(expected),
      `Payment ${id} is ${status}, and the gateway has given back ${JSON.stringify(back)}`,
    );
  }
  for (const id of books.keys())
    found.never(known.has(id), `The gateway has a payment ${id} that the shop never heard of`);
}

function isBookedAs(status: Status, booked: string, requested: boolean): boolean {
  switch (status) {
    case 'captured':
    case 'refunded':
      return booked === 'captured';
    case 'declined':
      return booked === 'declined';
    case 'voided':
      return booked === 'voided' || (!requested && booked === 'none');
    default:
      return false;
  }
}
