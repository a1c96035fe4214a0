import fc from 'fast-check';
import { CheckoutWorld } from '../support/checkout-world';
import { Choices } from '../support/choices';
import { lines } from '../support/orders';

const MOST_MOVES = 2_000;

const played = (tape: readonly number[]): CheckoutWorld => {
  const world = new CheckoutWorld(new Choices(tape));
  world.play(MOST_MOVES);
  return world;
};

/** What holds of every order when nothing is left to happen to it. */
function assertEnded(world: CheckoutWorld): string {
  const { order, payment, gateway, checkout, reservations, openCart, free } = world;
  if (order.status === 'none' || order.status === 'placed') throw new Error(`The order is ${order.status}.`);
  // Who gives an order up never keeps it; if the shop was faster, it is rejected.
  expect(order.cancellationRequested && order.status === 'confirmed').toBe(false);
  const confirmed = order.status === 'confirmed';
  const rejected = order.status === 'rejected';
  expect(checkout.phase).toBe(confirmed ? 'confirmed' : 'ended');

  expect({ kept: gateway.status === 'captured' && !gateway.refunded }).toEqual({ kept: confirmed && !free });
  expect(payment.status === 'captured').toBe(confirmed && !free);
  if (free) expect([gateway.status, payment.status]).toEqual(['none', 'none']);

  // Kept for good, or not at all.
  const kept = reservations.map((reservation) => reservation && [reservation.quantity, reservation.confirmed]);
  expect(kept).toEqual(lines.map(({ quantity }) => (confirmed ? [quantity, true] : undefined)));

  expect(world.count('CartReopened')).toBe(rejected ? 1 : 0);
  expect(openCart.lines).toHaveLength(rejected ? lines.length : 0);
  return order.status;
}

describe('an order, however its events, commands, timeouts, crashes, its buyer and its gateway interleave', () => {
  it('ends; and money, stock and cart are as its end says', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { maxLength: 120, size: 'max' }), (tape) => {
        const world = played(tape);
        reached.add(assertEnded(world));
        if (world.free) reached.add(`${assertEnded(world)} free`);
        if (world.gateway.refunded) reached.add('refunded');
      }),
      { numRuns: 500 },
    );
    const ends = ['cancelled', 'confirmed', 'rejected'];
    expect([...reached].sort()).toEqual([...ends, ...ends.map((end) => `${end} free`), 'refunded'].sort());
  });

  it('is confirmed when nothing goes wrong', () => expect(assertEnded(played([]))).toBe('confirmed'));
});
