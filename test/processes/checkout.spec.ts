import { ReopenCart } from '#src/cart/cart.commands';
import { ConfirmReservation, ReleaseStock, ReserveStock } from '#src/inventory/inventory.commands';
import { deriveId } from '#src/kernel/ids';
import { issue, type IssuedCommand } from '#src/kernel/processes/process';
import { CancelOrder, ConfirmOrder, PlaceOrder, RejectOrder } from '#src/ordering/ordering.commands';
import { RefundPayment, SettlePayment, TakePayment } from '#src/payments/payments.commands';
import { checkoutProcess } from '#src/processes/checkout.process';
import type { Line } from '#src/words/lines';
import { done, happened, refused, run, settled, skipped, timedOut } from '../support/given-process';
import { stored } from '../support/given-projection';
import * as orders from '../support/orders';
import { gifts, lines, mug, orderId, ordered, orderedFree, tea, totals } from '../support/orders';

const NOON = '2026-01-01T12:00:00.000Z';
const soon = (afterMs: number) => [{ name: 'look-up-payment', afterMs }];
const withinAYear = { notAfter: '2027-01-01T12:00:00.000Z' };

/** All that happens in these tests happens at noon. */
const e = (event: Parameters<typeof orders.at>[1]) => orders.at(0, event);
const checkedOut = e(orders.checkedOut);
const checkedOutFree = e(orders.checkedOutFree);
const captured = e(orders.captured);
const declined = e(orders.declined);
const unknown = e(orders.unknown);
const voided = e(orders.voided);
const refunded = e(orders.refunded);
const cancellation = e(orders.cancellationRequested);

const reservation = ({ lineId, variantId }: Line) => ({
  variantId,
  orderId,
  reservationId: deriveId(orderId, `reservation/${lineId}`),
});
const paymentOf = { paymentId: deriveId(orderId, 'payment'), orderId };

const place = issue(PlaceOrder, { generation: 3, orderId, ...ordered, cartId: 'ann' }, withinAYear);
const reserve = (line: Line) =>
  issue(ReserveStock, {
    ...reservation(line),
    productId: line.productId,
    quantity: line.quantity,
    expiresAt: '2026-01-01T12:15:00.000Z',
  });
const take = issue(TakePayment, {
  ...paymentOf,
  amountMinor: totals.totalMinor,
  currency: 'EUR',
  method: ordered.payment,
});
const keep = (line: Line) => issue(ConfirmReservation, reservation(line), withinAYear);
const confirm = issue(ConfirmOrder, { orderId }, withinAYear);
const settle = (giveUp: boolean) => issue(SettlePayment, { ...paymentOf, giveUp }, withinAYear);
const refund = issue(RefundPayment, { ...paymentOf, refundId: deriveId(orderId, 'refund') }, withinAYear);
const free = (reason: string) =>
  [mug, tea].map((line) => issue(ReleaseStock, { ...reservation(line), reason }, withinAYear));
const giveBack = (cartId = 'ann', back = lines) => issue(ReopenCart, { cartId, orderId, lines: back }, withinAYear);
type Why = Omit<ConstructorParameters<typeof RejectOrder>[1], 'orderId' | 'reason' | 'detail'>;
const reject = (reason: 'out-of-stock' | 'payment-declined' | 'payment-failed', detail?: string, why: Why = {}) =>
  issue(RejectOrder, { orderId, reason, ...(detail === undefined ? {} : { detail }), ...why }, withinAYear);
const short = ({ lineId, variantId }: Line, available: number) => ({ lineId, variantId, available });
const cancel = issue(CancelOrder, { orderId }, withinAYear);

const rejectedFor = (...why: Parameters<typeof reject>): IssuedCommand[] => [
  ...free('rejected'),
  giveBack(),
  reject(...why),
];
const cancelledAll: IssuedCommand[] = [...free('cancelled'), cancel];

const reserveAndTake = [PlaceOrder, ReserveStock, ReserveStock, TakePayment];
const taken = settled(reserveAndTake.map((command) => done(command)));
const noStock = settled([
  done(PlaceOrder),
  done(ReserveStock),
  refused(ReserveStock, 'stock-insufficient', { available: 1 }),
  skipped(TakePayment),
]);
const takingExpired = settled([
  done(PlaceOrder),
  done(ReserveStock),
  done(ReserveStock),
  refused(TakePayment, 'command-expired'),
]);
const kept = settled([done(ConfirmReservation), done(ConfirmReservation), done(ConfirmOrder)]);
const notKept = settled([
  done(ConfirmReservation),
  refused(ConfirmReservation, 'reservation-not-found'),
  skipped(ConfirmOrder),
]);

const confirmedOrder = [checkedOut, captured, taken, kept];
const checkout = run(checkoutProcess);

describe('an order that goes well', () => {
  it('is placed, its lines are reserved in the order of their variants, and its money is taken', () =>
    checkout
      .given()
      .when(checkedOut)
      .then({ commands: [place, reserve(mug), reserve(tea), take], state: { phase: 'paying', cartId: 'ann' } }));

  it.each([
    ['days ago', '2025-12-30T12:00:00.000Z', '2025-12-30T12:15:00.000Z'],
    ['a day and a moment ago', '2025-12-31T11:59:59.999Z', '2025-12-31T12:14:59.999Z'],
    ['a day ago', '2025-12-31T12:00:00.000Z', '2026-01-01T12:15:00.000Z'],
    [
      'a moment ago, by a clock of the store that is hours behind',
      '2026-01-01T02:00:00.000Z',
      '2026-01-01T12:15:00.000Z',
    ],
    ['a moment ago, by a clock that is a day ahead', '2026-01-02T12:00:00.000Z', '2026-01-01T12:15:00.000Z'],
  ])(
    'has its lines reserved within a quarter of an hour, by the clock of who reserves them, if it was placed %s',
    (_, recordedAt, expiresAt) => {
      const reaction = checkoutProcess.react(
        checkoutProcess.initial,
        happened(stored({ ...orders.checkedOut, recordedAt }), NOON),
      );
      const reservations = reaction!.commands!.filter(({ name }) => name === 'ReserveStock');
      expect(reservations.map(({ data }) => data['expiresAt'])).toEqual([expiresAt, expiresAt]);
    },
  );

  it('is confirmed, with its reservations, when the money is there', () =>
    checkout
      .given(checkedOut)
      .when(captured)
      .then({ commands: [keep(mug), keep(tea), confirm], state: { phase: 'confirming' } }));

  it('is confirmed only once its confirmation is stored', () => {
    checkout.given(checkedOut, captured).when(taken).thenNothing();
    checkout
      .given(checkedOut, captured, taken)
      .when(kept)
      .then({ commands: [], state: { phase: 'confirmed' } });
  });

  it('begins with nothing', () =>
    expect(checkout.given().state).toEqual({
      phase: 'none',
      orderId: '',
      cartId: '',
      lines: [],
      free: false,
      ending: null,
      lookUps: 0,
    }));

  it('needs nothing more then', () => {
    for (const again of [checkedOut, captured, unknown, kept, timedOut('look-up-payment')])
      checkout
        .given(...confirmedOrder)
        .when(again)
        .thenNothing();
  });
});

describe('an order that costs nothing', () => {
  const placeFree = issue(PlaceOrder, { generation: 3, orderId, ...orderedFree, cartId: 'ann' }, withinAYear);
  const reserved = settled([done(PlaceOrder), done(ReserveStock), done(ReserveStock)]);
  const noneLeft = settled([
    done(PlaceOrder),
    done(ReserveStock),
    refused(ReserveStock, 'stock-insufficient', { available: 1 }),
  ]);
  const ending = { as: 'cancelled' } as const;

  it('is reserved and then confirmed, and no gateway hears of it', () => {
    checkout
      .given()
      .when(checkedOutFree)
      .then({ commands: [placeFree, reserve(mug), reserve(tea)], state: { phase: 'reserving', free: true } });
    checkout
      .given(checkedOutFree)
      .when(reserved)
      .then({ commands: [keep(mug), keep(tea), confirm], state: { phase: 'confirming' } });
    checkout
      .given(checkedOutFree, reserved)
      .when(kept)
      .then({ commands: [], state: { phase: 'confirmed' } });
  });

  it('also where the first release took a means of payment for it', () => {
    const withPayment = e({
      type: 'CartCheckedOut',
      data: { generation: 3, orderId, ...orderedFree, payment: ordered.payment },
    });
    const [placed] = checkout.given().when(withPayment).commands;
    checkout
      .given()
      .when(withPayment)
      .then({ commands: [placed!, reserve(mug), reserve(tea)], state: { free: true } });
  });

  it('is rejected at once when its stock is not there', () =>
    checkout
      .given(checkedOutFree)
      .when(noneLeft)
      .then({
        commands: [
          ...free('rejected'),
          giveBack('ann', gifts),
          reject('out-of-stock', 'stock-insufficient', { missing: [short(tea, 1)], unreserved: [] }),
        ],
        state: { phase: 'ended' },
      }));

  it('is rejected when a reservation was gone, or it could not be confirmed', () =>
    checkout
      .given(checkedOutFree, reserved)
      .when(notKept)
      .then({
        commands: [...free('rejected'), giveBack('ann', gifts), reject('out-of-stock')],
        state: { phase: 'ended' },
      }));

  it('is cancelled without a refund, whenever its buyer gives it up', () => {
    for (const before of [[], [reserved]])
      checkout
        .given(checkedOutFree, ...before)
        .when(cancellation)
        .then({ commands: [], state: { ending } });
    checkout
      .given(checkedOutFree, cancellation)
      .when(reserved)
      .then({ commands: cancelledAll, state: { phase: 'ended' } });
    checkout.given(checkedOutFree, cancellation).when(noneLeft).then({ commands: cancelledAll });
    checkout.given(checkedOutFree, reserved, cancellation).when(kept).then({ commands: cancelledAll });
    checkout.given(checkedOutFree, reserved, cancellation).when(notKept).then({ commands: cancelledAll });
    checkout
      .given(checkedOutFree, reserved, kept)
      .when(cancellation)
      .then({ commands: cancelledAll, state: { phase: 'ended', ending } });
  });

  it('needs nothing more when it is confirmed or has ended', () => {
    for (const history of [[reserved, kept], [noneLeft]])
      for (const again of [checkedOutFree, kept, timedOut('look-up-payment')])
        checkout
          .given(checkedOutFree, ...history)
          .when(again)
          .thenNothing();
  });
});

describe('what the first release has stored', () => {
  const { free: _, ...paying } = checkout.given(checkedOut).state;
  const upgraded = checkoutProcess.upgrade!(paying as never, 1);

  it('goes on as it has begun', () => {
    expect(upgraded).toEqual(checkout.given(checkedOut).state);
    const reaction = checkoutProcess.react(upgraded, happened(stored(captured), NOON));
    expect(reaction?.commands).toEqual([keep(mug), keep(tea), confirm]);
  });

  it('also an order that costs nothing: a gateway was asked about it', () => {
    const asked = checkoutProcess.upgrade!({ ...paying, phase: 'confirmed', lines: gifts } as never, 1);
    expect(checkoutProcess.react(asked, happened(stored(cancellation), NOON))?.commands).toEqual([refund]);
  });

  it('is all that there is but what this release stores', () => {
    expect(() => checkoutProcess.upgrade!(paying as never, 3)).toThrow('version 3');
  });
});

describe('an order whose stock is not there', () => {
  it('is first made sure never to be paid', () =>
    checkout
      .given(checkedOut)
      .when(noStock)
      .then({
        commands: [settle(true)],
        timeouts: soon(1_000),
        state: { phase: 'undoing' },
      }));

  it('is then undone: its stock freed, its lines given back, and the order rejected with the reason and the line that was short', () =>
    checkout
      .given(checkedOut, noStock)
      .when(voided)
      .then({
        commands: rejectedFor('out-of-stock', 'stock-insufficient', { missing: [short(tea, 1)], unreserved: [] }),
        state: { phase: 'ended' },
      }));

  it('asks about the lines that nobody came to reserve, when it is rejected', () => {
    const none = refused(ReserveStock, 'stock-insufficient', { available: 0 });
    const atFirst = settled([done(PlaceOrder), none, skipped(ReserveStock), skipped(TakePayment)]);
    const unreserved = [{ lineId: tea.lineId, variantId: tea.variantId, quantity: tea.quantity }];
    checkout
      .given(checkedOut, atFirst)
      .when(voided)
      .then({ commands: rejectedFor('out-of-stock', 'stock-insufficient', { missing: [short(mug, 0)], unreserved }) });
  });

  it('names no line where the stock said no number', () => {
    const unknown = settled([done(PlaceOrder), refused(ReserveStock, 'stock-insufficient'), skipped(TakePayment)]);
    checkout
      .given(checkedOut, unknown)
      .when(voided)
      .then({ commands: rejectedFor('out-of-stock', 'stock-insufficient') });
  });

  it('is asked to be voided again, later and later, while the gateway says nothing', () => {
    checkout
      .given(checkedOut, noStock)
      .when(timedOut('look-up-payment'))
      .then({ commands: [settle(true)], timeouts: soon(2_000) });
    checkout
      .given(checkedOut, noStock)
      .when(unknown)
      .then({ commands: [], timeouts: soon(1_000) });
  });

  it('is rejected for its payment when it could not be reserved for another reason', () => {
    const tooLate = settled([done(PlaceOrder), refused(ReserveStock, 'command-expired'), skipped(TakePayment)]);
    checkout
      .given(checkedOut, tooLate)
      .when(voided)
      .then({ commands: rejectedFor('payment-failed', 'command-expired') });
  });

  it('is refunded if a reservation was gone when the money came', () => {
    checkout
      .given(checkedOut, captured)
      .when(notKept)
      .then({ commands: [refund], state: { phase: 'undoing' } });
    checkout
      .given(checkedOut, captured, notKept)
      .when(refunded)
      .then({ commands: rejectedFor('out-of-stock') });
  });

  it('is refunded if it could not be confirmed', () => {
    const unconfirmed = settled([
      done(ConfirmReservation),
      done(ConfirmReservation),
      refused(ConfirmOrder, 'command-expired'),
    ]);
    checkout
      .given(checkedOut, captured)
      .when(unconfirmed)
      .then({ commands: [refund], state: { phase: 'undoing' } });
  });
});

describe('an order that is not paid', () => {
  it('is undone when its payment is declined', () =>
    checkout
      .given(checkedOut)
      .when(declined)
      .then({ commands: rejectedFor('payment-declined', 'card-declined'), state: { phase: 'ended' } }));

  it('is undone when its payment was voided', () =>
    checkout
      .given(checkedOut)
      .when(voided)
      .then({ commands: rejectedFor('payment-failed') }));

  it('is looked up while nobody knows what became of the money, later and later, at last every minute', () => {
    checkout
      .given(checkedOut)
      .when(unknown)
      .then({ commands: [], timeouts: soon(1_000) });
    const looks = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000];
    for (const [n, ms] of looks.slice(1).entries())
      checkout
        .given(checkedOut, unknown, ...Array.from({ length: n }, () => timedOut('look-up-payment')))
        .when(timedOut('look-up-payment'))
        .then({ commands: [settle(false)], timeouts: soon(ms), state: { lookUps: n + 1 } });
  });

  it('is given up after thirty look-ups, and its payment voided; a gateway that stays silent is asked ever more seldom', () => {
    const looks = (n: number) => Array.from({ length: n }, () => timedOut('look-up-payment'));
    const asking = { commands: [settle(false)], timeouts: soon(60_000) };
    const givingUp = (afterMs: number) => ({ commands: [settle(true)], timeouts: soon(afterMs) });
    checkout
      .given(checkedOut, unknown, ...looks(29))
      .when(timedOut('look-up-payment'))
      .then(asking);
    checkout
      .given(checkedOut, unknown, ...looks(30))
      .when(timedOut('look-up-payment'))
      .then(givingUp(120_000));
    checkout
      .given(checkedOut, unknown, ...looks(40))
      .when(timedOut('look-up-payment'))
      .then(givingUp(6 * 60 * 60_000));
  });

  it('is confirmed all the same if the money turns out to be there', () =>
    checkout
      .given(checkedOut, unknown, timedOut('look-up-payment'))
      .when(captured)
      .then({ commands: [keep(mug), keep(tea), confirm] }));

  it('is voided when taking the money came too late', () =>
    checkout
      .given(checkedOut)
      .when(takingExpired)
      .then({ commands: [settle(true)], timeouts: soon(1_000), state: { phase: 'undoing' } }));

  it('is refunded when the money came after it was given up', () => {
    checkout
      .given(checkedOut, takingExpired)
      .when(captured)
      .then({ commands: [refund], state: { phase: 'undoing' } });
    checkout
      .given(checkedOut, takingExpired, captured)
      .when(refunded)
      .then({ commands: rejectedFor('payment-failed', 'command-expired') });
  });

  it('does not mind that taking the money failed once its end is known', () => {
    checkout.given(checkedOut, captured).when(takingExpired).thenNothing();
    checkout.given(checkedOut, declined).when(takingExpired).thenNothing();
  });

  it('ends once, and is not looked up any more', () => {
    for (const again of [declined, voided, refunded, unknown, checkedOut, timedOut('look-up-payment')])
      checkout.given(checkedOut, declined).when(again).thenNothing();
  });
});

describe('money that comes for an order that has ended', () => {
  it.each([
    ['declined', [declined]],
    ['voided', [noStock, voided]],
    ['cancelled', [cancellation, declined]],
  ])('goes back when the order was %s', (_, history) =>
    checkout
      .given(checkedOut, ...history)
      .when(captured)
      .then({ commands: [refund], state: { phase: 'ended' } }),
  );

  it('ends nothing twice when it is back', () =>
    checkout.given(checkedOut, declined, captured).when(refunded).thenNothing());
});

describe('an order that its buyer gives up', () => {
  const ending = { as: 'cancelled' } as const;

  it('waits for the money that is under way, and asks for none any more', () => {
    checkout
      .given(checkedOut)
      .when(cancellation)
      .then({ commands: [], state: { phase: 'paying', ending } });
    checkout
      .given(checkedOut, unknown, cancellation)
      .when(timedOut('look-up-payment'))
      .then({ commands: [settle(true)], timeouts: soon(2_000) });
  });

  it('is cancelled when no money comes', () => {
    for (const noMoney of [declined, voided])
      checkout
        .given(checkedOut, cancellation)
        .when(noMoney)
        .then({ commands: cancelledAll, state: { phase: 'ended' } });
  });

  it('is cancelled, not rejected, when its stock is not there either', () => {
    checkout
      .given(checkedOut, cancellation)
      .when(noStock)
      .then({ commands: [settle(true)], timeouts: soon(1_000) });
    checkout.given(checkedOut, cancellation, noStock).when(voided).then({ commands: cancelledAll });
  });

  it('is refunded when the money comes all the same, and then cancelled', () => {
    checkout
      .given(checkedOut, cancellation)
      .when(captured)
      .then({ commands: [refund], state: { phase: 'undoing' } });
    checkout.given(checkedOut, cancellation, captured).when(refunded).then({ commands: cancelledAll });
  });

  it('while it is being confirmed: is confirmed first, then refunded, then cancelled', () => {
    checkout
      .given(checkedOut, captured)
      .when(cancellation)
      .then({ commands: [], state: { phase: 'confirming', ending } });
    checkout
      .given(checkedOut, captured, cancellation)
      .when(kept)
      .then({ commands: [refund], state: { phase: 'undoing' } });
    checkout
      .given(checkedOut, captured, cancellation)
      .when(notKept)
      .then({ commands: [refund], state: { ending } });
    checkout.given(checkedOut, captured, cancellation, kept).when(refunded).then({ commands: cancelledAll });
  });

  it('after it was confirmed: is refunded, then cancelled', () => {
    checkout
      .given(...confirmedOrder)
      .when(cancellation)
      .then({ commands: [refund], state: { phase: 'undoing', ending } });
    checkout
      .given(...confirmedOrder, cancellation)
      .when(refunded)
      .then({ commands: cancelledAll });
  });

  it('while it is undone, or after it has ended: ends as it would have', () => {
    checkout.given(checkedOut, noStock).when(cancellation).thenNothing();
    checkout.given(checkedOut, declined).when(cancellation).thenNothing();
    checkout
      .given(...confirmedOrder, cancellation)
      .when(cancellation)
      .thenNothing();
  });
});

describe('the lines of a rejected order', () => {
  const wentToAccount = settled([
    done(ReleaseStock),
    done(ReleaseStock),
    refused(ReopenCart, 'guest-token-used', { accountId: 'bob' }),
    skipped(RejectOrder),
  ]);

  it('go to the account when the guest has logged in meanwhile', () =>
    checkout
      .given(checkedOut, declined)
      .when(wentToAccount)
      .then({ commands: [giveBack('bob'), reject('payment-declined', 'card-declined')], state: { cartId: 'bob' } }));

  it('stay where they are when the cart refuses them for another reason', () =>
    checkout
      .given(checkedOut, declined)
      .when(
        settled([done(ReleaseStock), done(ReleaseStock), refused(ReopenCart, 'command-expired'), skipped(RejectOrder)]),
      )
      .thenNothing());
});

describe('settlements that say nothing new', () => {
  it.each([
    ['a refund that is under way', [...confirmedOrder, cancellation], settled([done(RefundPayment)])],
    ['a look-up', [checkedOut, unknown, timedOut('look-up-payment')], settled([done(SettlePayment)])],
    ['a look-up that came too late', [checkedOut, noStock], settled([refused(SettlePayment, 'command-expired')])],
    ['the end', [checkedOut, declined], settled([done(ReleaseStock), done(ReopenCart), done(RejectOrder)])],
    ['money taken whose outcome is unknown', [checkedOut, unknown], taken],
  ])('%s', (_, history, settlement) =>
    checkout
      .given(...history)
      .when(settlement)
      .thenNothing(),
  );
});

it('events that reach it before the checkout change nothing', () => {
  for (const early of [declined, voided, refunded, cancellation, unknown]) checkout.given().when(early).thenNothing();
});
