import { ADJUSTMENT_REASONS, RELEASE_REASONS, type StockEvent } from './inventory.events';
import { contractFor } from '../words/contracts/define-contract';
import { code, text, time, wholeNumber } from '../words/contracts/schema-words';
import { orderId, productId, quantity, reservationId, variantId } from '../words/contracts/shapes';

/** What every event says beside the variant. */
const of = { productId, locationId: text('Where the units are.', 'default') };
const reservation = { ...of, reservationId, orderId };

type Of = Record<keyof typeof of, string>;
type Reservation = Record<keyof typeof reservation, string>;

const ofWhat = ({ productId, locationId }: Of): Of => ({ productId, locationId });
const ofReservation = ({ reservationId, orderId, ...of }: Reservation): Reservation => ({
  ...ofWhat(of),
  reservationId,
  orderId,
});

export const inventoryContract = contractFor<StockEvent>()({
  context: 'inventory',
  aggregate: 'stock',
  title: 'Stock',
  description:
    'How many units of each variant there are. On hand is what is in the shop, available is what is on hand and not reserved; both begin at 0.',
  subject: { name: 'variantId', schema: variantId },
  types: {
    StockReceived: {
      name: 'stock-received',
      when: 'Units came in: on hand and available rise by `quantity`.',
      members: { ...of, quantity },
      translate: ({ quantity, ...data }) => ({ ...ofWhat(data), quantity }),
    },
    StockAdjusted: {
      name: 'stock-adjusted',
      when: 'The shelf holds more or fewer units than the books said: on hand and available change by `delta`.',
      members: {
        ...of,
        delta: wholeNumber('By how many units; never 0.', -2),
        reason: code('Why.', ...ADJUSTMENT_REASONS),
      },
      // The note is free text that somebody of the staff wrote: it may name anybody.
      translate: ({ delta, reason, ...data }) => ({ ...ofWhat(data), delta, reason }),
    },
    StockReserved: {
      name: 'stock-reserved',
      when: 'Units are kept for an order: available falls by `quantity`. Only `stock-released` or `stock-dispatched` ends it.',
      members: {
        ...reservation,
        quantity,
        expiresAt: time('Until when the order had time to ask for this reservation. It does not end then.'),
      },
      translate: ({ quantity, expiresAt, ...data }) => ({ ...ofReservation(data), quantity, expiresAt }),
    },
    StockReservationConfirmed: {
      name: 'stock-reservation-confirmed',
      when: 'The order is paid: its units are kept until they leave, or until it is cancelled.',
      members: reservation,
      translate: ofReservation,
    },
    StockReleased: {
      name: 'stock-released',
      when: 'The order came to nothing and its units are for sale again: available rises by `quantity`.',
      members: { ...reservation, quantity, reason: code('What became of the order.', ...RELEASE_REASONS) },
      translate: ({ quantity, reason, ...data }) => ({ ...ofReservation(data), quantity, reason }),
    },
    StockCommitted: {
      name: 'stock-dispatched',
      when: 'The reserved units left the shop: on hand falls by `quantity`, available stays.',
      members: { ...reservation, quantity },
      translate: ({ quantity, ...data }) => ({ ...ofReservation(data), quantity }),
    },
  },
});
