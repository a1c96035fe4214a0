import Type from 'typebox';
import { REJECTION_REASONS } from '../words/orders';
import { CANCELLATION_REASONS, type OrderEvent } from './ordering.events';
import { contractFor, nothingMore } from '../words/contracts/define-contract';
import { code, list, text } from '../words/contracts/schema-words';
import {
  cartId,
  Customer,
  customerOf,
  Destination,
  destinationOf,
  generation,
  Line,
  lineOf,
  MissingLine,
  missingLineOf,
  orderId,
  Totals,
  totalsOf,
} from '../words/contracts/shapes';

export const orderingContract = contractFor<OrderEvent>()({
  context: 'ordering',
  aggregate: 'order',
  title: 'Orders',
  description: 'What becomes of each order, from the moment that the shop takes it in.',
  subject: { name: 'orderId', schema: orderId },
  types: {
    OrderPlaced: {
      name: 'order-placed',
      when: 'The shop has taken the order in. Stock and payment are still to come: `order-confirmed`, `order-rejected` or `order-cancelled` follows.',
      members: {
        orderNumber: text('What people call the order.', 'GA3CP-3TKG1'),
        customer: Customer,
        cartId,
        generation,
        lines: list(Line, 'What was ordered, as it was told to the buyer and at the prices that the buyer agreed to.'),
        totals: Totals,
        deliverTo: Destination,
      },
      translate: ({ orderNumber, customer, cartId, generation, lines, totals, deliverTo }) => ({
        orderNumber,
        customer: customerOf(customer),
        cartId,
        generation,
        lines: lines.map(lineOf),
        totals: totalsOf(totals),
        deliverTo: destinationOf(deliverTo),
      }),
    },
    OrderConfirmed: {
      name: 'order-confirmed',
      when: 'The stock is reserved for good and the money is there: the order can be prepared.',
      ...nothingMore,
    },
    OrderRejected: {
      name: 'order-rejected',
      when: 'The shop can’t take the order. Its stock is free, no money is kept, and its lines are back in the cart.',
      members: {
        reason: code('Why.', ...REJECTION_REASONS),
        missing: Type.Optional(
          list(
            MissingLine,
            'The lines that were short, of an order that was out of stock. Older orders do not say it.',
          ),
        ),
      },
      // What the bank said about a person is between the two of them.
      translate: ({ reason, missing }) => ({ reason, ...(missing && { missing: missing.map(missingLineOf) }) }),
    },
    OrderCancellationRequested: {
      name: 'order-cancellation-requested',
      when: 'The buyer, or support for the buyer, gives the order up. `order-cancelled` follows when the money is back, or `order-rejected` where the order came to nothing by itself.',
      members: {
        reason: code('Why.', ...CANCELLATION_REASONS),
      },
      translate: ({ reason }) => ({ reason }),
    },
    OrderCancelled: {
      name: 'order-cancelled',
      when: 'The order was given up: the money is back and the stock is free.',
      ...nothingMore,
    },
  },
});
