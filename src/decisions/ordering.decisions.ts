import { account, rolesOf } from '../accounts/account';
import {
  cancelOrder,
  confirmOrder,
  order,
  type Order,
  placeOrder,
  rejectOrder,
  requestCancellation,
} from '../ordering/order';
import { buyersOf } from '../words/buyers';
import { type Decision, decisionsOf, type Taken } from './decision';

const decision = decisionsOf(order);

type InputOf<D extends (state: never, input: never) => unknown> = Parameters<D>[1];

const toOrder = ({ orderId }: { orderId: string }): string => orderId;

/** Whose orders the asker could cancel then: what the account had become by then says it. */
function buyersIn({ actor, stateOf }: Taken<Order>): readonly string[] | null {
  if (actor.kind === 'guest') return buyersOf({ kind: 'guest', id: actor.id, roles: [] });
  if (actor.kind !== 'account') return null;
  const state = stateOf(account, actor.id);
  if (state.status === 'none') return buyersOf({ kind: 'account', id: actor.id, roles: [] });
  return buyersOf({ kind: 'account', id: actor.id, roles: rolesOf(state), aliases: state.guestIds });
}

export const orderingDecisions: readonly Decision[] = [
  decision({
    name: 'order.place',
    decide: placeOrder,
    shown: { by: 'OrderPlaced', input: ({ orderNumber, ...placed }) => placed },
    issued: { as: 'PlaceOrder', to: toOrder, input: (data: InputOf<typeof placeOrder>) => data },
  }),
  decision({
    name: 'order.confirm',
    decide: confirmOrder,
    shown: { by: 'OrderConfirmed', input: (data) => data },
    issued: { as: 'ConfirmOrder', to: toOrder, input: (data: InputOf<typeof confirmOrder>) => data },
  }),
  decision({
    name: 'order.reject',
    decide: rejectOrder,
    // By the event alone: which of the lines were short that nobody had come to reserve is found out then, and is not in the command.
    shown: { by: 'OrderRejected', input: (data) => data },
  }),
  decision({
    name: 'order.requestCancellation',
    decide: requestCancellation,
    shown: { by: 'OrderCancellationRequested', input: (data, taken) => ({ ...data, buyers: buyersIn(taken) }) },
    reads: [account.name],
  }),
  decision({
    name: 'order.cancel',
    decide: cancelOrder,
    shown: { by: 'OrderCancelled', input: (data) => data },
    issued: { as: 'CancelOrder', to: toOrder, input: (data: InputOf<typeof cancelOrder>) => data },
  }),
];
