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
  const { order, payment, gateway, checkout, reservations, openCart } = world;
  expect(['confirmed', 'rejected', 'cancelled']).toContain(order.status);
  const confirmed = order.status === 'confirmed';
  const rejected = order.status === 'rejected';
  expect(checkout.phase).toBe(confirmed ? 'confirmed' : 'ended');

  expect({ kept: gateway.status === 'captured' && !gateway.refunded }).toEqual({ kept: confirmed });
  expect(payment.status === 'captured').toBe(confirmed);

  // Kept for good, or not at all.
  expect(reservations.map((reservation) => reservation?.expiresAt)).toEqual(
    lines.map(() => (confirmed ? null : undefined)),
  );

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
        if (world.gateway.refunded) reached.add('refunded');
      }),
      { numRuns: 500 },
    );
    expect([...reached].sort()).toEqual(['cancelled', 'confirmed', 'refunded', 'rejected']);
  });

  it('is confirmed when nothing goes wrong', () => expect(assertEnded(played([]))).toBe('confirmed'));
});
