import fc from 'fast-check';
import { inventoryEvents, MAX_ON_HAND, type StockEvent } from '#src/inventory/inventory.events';
import { endedIn, mayHaveEnded, noneEnded, withEnded } from '#src/inventory/ended-reservations';
import { countOf, reservationIn } from '#src/inventory/reservations';
import {
  adjustStock,
  availableOf,
  commitStock,
  confirmReservation,
  publicStockView,
  receiveStock,
  releaseStock,
  reserveStock,
  stock,
  stockView,
  type Stock,
} from '#src/inventory/stock';
import { EventRegistry } from '#src/kernel/event-definitions';
import { deriveId, newId } from '#src/kernel/ids';
import { Rejected } from '#src/kernel/rejection';
import { given, stateOf } from '../support/given';
import { hasAllRuns, runs } from '../support/runs';

const mug = { variantId: 'red-mug', productId: 'mug' };
const at = { ...mug, locationId: 'default' };
const owner = { sellerId: 'potter', hasVariant: true };

const noon = '2026-06-01T12:00:00.000Z';
const quarterPast = '2026-06-01T12:15:00.000Z';

const received = (quantity: number): StockEvent => ({ type: 'StockReceived', data: { ...at, quantity } });
const adjusted: StockEvent = { type: 'StockAdjusted', data: { ...at, delta: 1, reason: 'counted' } };
const anOrder = (id: string) => ({ reservationId: `for-${id}`, orderId: id });
const reserved = (order: string, quantity: number): StockEvent => ({
  type: 'StockReserved',
  data: { ...at, ...anOrder(order), quantity, expiresAt: quarterPast },
});
const confirmed = (order: string): StockEvent => ({
  type: 'StockReservationConfirmed',
  data: { ...at, ...anOrder(order) },
});
const released = (order: string, quantity: number): StockEvent => ({
  type: 'StockReleased',
  data: { ...at, ...anOrder(order), quantity, reason: 'cancelled' },
});
const committed = (order: string, quantity: number): StockEvent => ({
  type: 'StockCommitted',
  data: { ...at, ...anOrder(order), quantity },
});

const receive = (quantity: number) => (s: Stock) => receiveStock(s, { ...mug, owner, quantity });
const adjust = (delta: number) => (s: Stock) => adjustStock(s, { ...mug, owner, delta, reason: 'counted' });
const reserve =
  (order: string, quantity: number, now = noon) =>
  (s: Stock) =>
    reserveStock(s, { ...mug, ...anOrder(order), quantity, expiresAt: quarterPast, now });
const confirm = (order: string) => (s: Stock) => confirmReservation(s, { ...mug, ...anOrder(order) });
const release = (order: string) => (s: Stock) => releaseStock(s, { ...mug, ...anOrder(order), reason: 'cancelled' });
const commit = (order: string) => (s: Stock) => commitStock(s, { ...mug, ...anOrder(order) });

describe('receiving and adjusting', () => {
  it('adds what came in', () =>
    given(stock, received(5))
      .when(receive(3))
      .leavesState((s) => expect(stockView('red-mug', s)).toMatchObject({ onHand: 8, reserved: 0, available: 8 })));

  it('corrects what the shelf holds, with the reason', () => {
    given(stock, received(5))
      .when((s) => adjustStock(s, { ...mug, owner, delta: -2, reason: 'damaged', note: 'dropped' }))
      .then({ type: 'StockAdjusted', data: { ...at, delta: -2, reason: 'damaged', note: 'dropped' } });
    given(stock, received(5)).when(adjust(0)).thenNothing();
  });

  it('leaves what is reserved on the shelf', () => {
    given(stock, received(5), reserved('a', 3)).when(adjust(-3)).rejects('stock-reserved', { onHand: 5, reserved: 3 });
    given(stock, received(5), reserved('a', 3))
      .when(adjust(-2))
      .leavesState((s) => expect(availableOf(s)).toBe(0));
    given(stock).when(adjust(-1)).rejects('stock-reserved');
  });

  it('refuses more than a stock can hold', () => {
    const nearlyFull: StockEvent[] = [{ type: 'StockReceived', data: { ...at, quantity: MAX_ON_HAND } }];
    given(stock, ...nearlyFull)
      .when(receive(1))
      .rejects('stock-too-large', { most: MAX_ON_HAND });
    given(stock, ...nearlyFull)
      .when(adjust(1))
      .rejects('stock-too-large');
  });

  describe.each([
    ['receiving', (s: Stock, who: object) => receiveStock(s, { ...mug, owner, quantity: 1, ...who })],
    ['adjusting', (s: Stock, who: object) => adjustStock(s, { ...mug, owner, delta: 1, reason: 'found', ...who })],
  ])('%s', (_, move) => {
    it('is for the seller of the product and for the shop', () => {
      given(stock)
        .when((s) => move(s, { asSeller: 'potter' }))
        .leavesState((s) => expect(s.onHand).toBe(1));
      given(stock)
        .when((s) => move(s, { asSeller: 'weaver' }))
        .rejects('stock-variant-unknown');
    });

    it('does not know a variant that its product does not have', () => {
      given(stock)
        .when((s) => move(s, { owner: null }))
        .rejects('stock-variant-unknown', { ...mug });
      given(stock)
        .when((s) => move(s, { owner: { ...owner, hasVariant: false } }))
        .rejects('stock-variant-unknown');
      given(stock, received(1))
        .when((s) => move(s, { productId: 'another' }))
        .rejects('stock-variant-unknown');
    });

    it('goes on with what is there when the product has given the variant up', () =>
      given(stock, received(1))
        .when((s) => move(s, { owner: { ...owner, hasVariant: false } }))
        .leavesState((s) => expect(s.onHand).toBe(2)));
  });
});

describe('reserving', () => {
  it('keeps units for an order', () => given(stock, received(5)).when(reserve('a', 3)).then(reserved('a', 3)));

  it('refuses more than are available, and says how many are', () => {
    given(stock, received(5), reserved('a', 3))
      .when(reserve('b', 3))
      .rejects('stock-insufficient', { variantId: 'red-mug', available: 2 });
    given(stock).when(reserve('a', 1)).rejects('stock-insufficient', { available: 0 });
  });

  it('is already so when it is asked for again, whatever is left and however late', () =>
    given(stock, received(3), reserved('a', 3))
      .when(reserve('a', 3, '2026-06-02T00:00:00.000Z'))
      .thenNothing());

  it('refuses what comes after its time, so that a late repeat makes no reservation anew', () => {
    given(stock, received(3))
      .when(reserve('a', 1, quarterPast))
      .then(reserved('a', 1));
    given(stock, received(3), reserved('a', 1), released('a', 1))
      .when(reserve('a', 1, '2026-06-01T12:15:00.001Z'))
      .rejects('reservation-expired', { expiresAt: quarterPast });
  });
});

describe('what becomes of a reservation', () => {
  const held = [received(5), reserved('a', 3)];

  it('lasts once it is confirmed', () => {
    given(stock, ...held)
      .when(confirm('a'))
      .then(confirmed('a'));
    given(stock, ...held, confirmed('a'))
      .when(confirm('a'))
      .thenNothing();
    expect(reservationIn(stateOf(stock, [...held, confirmed('a')]).reservations, 'for-a')).toEqual({
      reservationId: 'for-a',
      quantity: 3,
      confirmed: true,
      until: Date.parse(quarterPast) / 1_000,
    });
  });

  it('can not be confirmed when it is not there', () => {
    given(stock).when(confirm('a')).rejects('reservation-not-found', { reservationId: 'for-a' });
    given(stock, ...held, released('a', 3))
      .when(confirm('a'))
      .rejects('reservation-not-found');
  });

  it('is freed by a release alone, once, also when it is confirmed', () => {
    given(stock, ...held, confirmed('a'))
      .when(release('a'))
      .then(released('a', 3));
    given(stock, ...held, released('a', 3))
      .when(release('a'))
      .thenNothing();
    given(stock, ...held)
      .when(release('a'))
      .leavesState((s) => expect([s.onHand, s.reserved, countOf(s.reservations)]).toEqual([5, 0, 0]));
  });

  it('ends with the units leaving the shop', () => {
    given(stock, ...held, confirmed('a'))
      .when(commit('a'))
      .then(committed('a', 3));
    given(stock, ...held, committed('a', 3))
      .when(commit('a'))
      .thenNothing();
    given(stock, ...held)
      .when(commit('a'))
      .leavesState((s) => expect([s.onHand, s.reserved, countOf(s.reservations)]).toEqual([2, 0, 0]));
  });

  it('leaves nothing behind in the state but that it is not made again', () => {
    const { ended, ...state } = stateOf(stock, [...held, released('a', 3)]);
    const { ended: none, ...before } = stateOf(stock, [received(5)]);
    expect(state).toEqual(before);
    expect([endedIn(ended), endedIn(none)]).toEqual([
      [{ reservationId: 'for-a', until: Date.parse(quarterPast) / 1_000 }],
      [],
    ]);
  });

  it.each([
    ['released', released('a', 3)],
    ['handed over', committed('a', 3)],
  ])('is not made again once it was %s, however late it is asked for', (_, end) => {
    given(stock, received(9), reserved('a', 3), end)
      .when(reserve('a', 3))
      .rejects('reservation-ended', { reservationId: 'for-a' });
    given(stock, received(9), reserved('a', 3), confirmed('a'), end)
      .when(reserve('a', 1, '2099-01-01T00:00:00.000Z'))
      .rejects('reservation-expired');
    given(stock, received(9), reserved('a', 3), end).when(reserve('b', 3)).then(reserved('b', 3));
  });
});

describe('a stock', () => {
  it('is of the product for which something came in, or was found, first', () => {
    for (const first of [receive(1), adjust(1)])
      given(stock)
        .when(first)
        .leavesState((s) => expect(s).toMatchObject({ productId: 'mug', onHand: 1, reserved: 0 }));
    const ofAnother: StockEvent[] = [
      { type: 'StockReceived', data: { ...at, productId: 'cup', quantity: 2 } },
      { type: 'StockAdjusted', data: { ...at, productId: 'jug', delta: -1, reason: 'lost' } },
    ];
    expect(stateOf(stock, [received(1), ...ofAnother])).toMatchObject({ productId: 'mug', onHand: 2 });
    expect(stateOf(stock, [{ ...adjusted, data: { ...adjusted.data, delta: 4 } }, ...ofAnother]).productId).toBe('mug');
  });

  it('tells events apart that name a reservation which is not there', () => {
    const before = stateOf(stock, [received(5)]);
    expect(stock.evolve(before, confirmed('a'))).toBe(before);
    expect(stock.evolve(before, released('a', 0))).toEqual(before);
  });

  it('into which nothing ever came has no reservations to decide on', () => {
    given(stock, reserved('a', 3)).when(confirm('a')).rejects('reservation-not-found', { reservationId: 'for-a' });
    given(stock, reserved('a', 3)).when(release('a')).thenNothing();
    given(stock, reserved('a', 3)).when(commit('a')).thenNothing();
    given(stock).when(release('a')).thenNothing();
    given(stock).when(commit('a')).thenNothing();
  });

  it('holds as much as it can hold, and not a unit more', () => {
    given(stock).when(receive(MAX_ON_HAND)).then(received(MAX_ON_HAND));
    given(stock, received(MAX_ON_HAND - 1))
      .when(adjust(1))
      .then(adjusted);
    given(stock, received(MAX_ON_HAND)).when(adjust(1)).rejects('stock-too-large', { most: MAX_ON_HAND });
  });

  it('keeps every unit that there is, for an order that wants as many', () => {
    given(stock, received(3)).when(reserve('a', 3)).then(reserved('a', 3));
    given(stock, received(3))
      .when(reserve('a', 4))
      .rejects('stock-insufficient', { ...mug, available: 3 });
  });

  it('remembers of a reservation in whole seconds until when it may be made, and no second too little', () => {
    const late: StockEvent = {
      type: 'StockReserved',
      data: { ...at, ...anOrder('a'), quantity: 1, expiresAt: '2026-06-01T12:15:00.001Z' },
    };
    const { reservations } = stateOf(stock, [received(1), late]);
    expect(reservationIn(reservations, 'for-a')?.until).toBe(Date.parse(quarterPast) / 1_000 + 1);
  });

  it('makes no reservation that it may have forgotten', () => {
    const until = Date.parse(quarterPast) / 1_000;
    const forgetful = [
      { reservationId: 'gone-or-a', until },
      { reservationId: 'next-or-a', until: until + 3_601 },
    ].reduce(withEnded, noneEnded);
    const state: Stock = { ...stateOf(stock, [received(5)]), ended: forgetful };
    expect(() =>
      reserveStock(state, {
        ...mug,
        reservationId: 'or-a',
        orderId: 'a',
        quantity: 1,
        expiresAt: quarterPast,
        now: noon,
      }),
    ).toThrow(expect.objectContaining({ code: 'reservation-expired', details: { expiresAt: quarterPast } }));
  });
});

describe('who sees what', () => {
  const some = stateOf(stock, [received(5), reserved('a', 3)]);

  it('tells everybody what is available, and nothing else', () =>
    expect(publicStockView('red-mug', some)).toEqual({ variantId: 'red-mug', available: 2 }));

  it('tells the seller what is on hand and reserved', () =>
    expect(stockView('red-mug', some)).toEqual({
      variantId: 'red-mug',
      productId: 'mug',
      onHand: 5,
      reserved: 3,
      available: 2,
      reservations: 1,
    }));
});

describe('reservations that have ended', () => {
  const ids = Array.from({ length: 12_000 }, (_, n) => deriveId('ended', String(n)));
  const inTime = (n: number) => 1_780_000_000 + n;

  it('are never taken for such as were not made, however many there are and in whatever order they end (property)', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(ids.length - 1), fc.nat(20_000)), { maxLength: 400, size: 'max' }),
        (more) => {
          const all = ids.map((reservationId, n) => ({ reservationId, until: inTime(n) }));
          for (const [n, until] of more) all[n] = { reservationId: ids[n]!, until: inTime(until) };
          const ended = all.reduce(withEnded, noneEnded);
          expect(all.filter((each) => mayHaveEnded(ended, each) === null)).toEqual([]);
          expect(endedIn(ended).length).toBeLessThanOrEqual(64 * 128);
        },
      ),
      { numRuns: runs(10) },
    ));

  it('are forgotten an hour after others of later', () => {
    const early = ids.slice(0, 5_000).map((reservationId) => ({ reservationId, until: inTime(0) }));
    const late = ids.slice(5_000, 6_000).map((reservationId) => ({ reservationId, until: inTime(3_601) }));
    const ended = [...early, ...late].reduce(withEnded, noneEnded);
    expect(endedIn(ended)).toHaveLength(1_000);
    expect(early.every((each) => mayHaveEnded(ended, each) === 'forgotten')).toBe(true);
  });

  it('of one whose clock was years ahead hold up nobody', () => {
    const ahead = ids.slice(0, 60).map((reservationId, n) => ({ reservationId, until: inTime(99_000_000 + n) }));
    const usual = ids.slice(100, 9_000).map((reservationId, n) => ({ reservationId, until: inTime(n) }));
    const ended = [...usual.slice(0, 4_000), ...ahead, ...usual.slice(4_000)].reduce(withEnded, noneEnded);
    const next = { reservationId: newId(), until: inTime(9_000) };
    expect(mayHaveEnded(ended, next)).toBeNull();
  });
});

describe('whatever is done to a stock', () => {
  type Decision = (s: Stock) => StockEvent[];
  const order = fc.nat(5).map((n) => `order-${n}`);
  const quantity = fc.integer({ min: 1, max: 6 });
  const moves = fc.oneof(
    quantity.map((n): Decision => receive(n)),
    fc.integer({ min: -8, max: 4 }).map((n): Decision => adjust(n)),
  );
  const reservations = fc.oneof(
    fc.tuple(order, quantity).map(([id, n]): Decision => reserve(id, n)),
    order.map((id): Decision => confirm(id)),
    order.map((id): Decision => release(id)),
    order.map((id): Decision => commit(id)),
  );
  const decided = (state: Stock, decide: Decision): StockEvent[] => {
    try {
      return decide(state);
    } catch (error) {
      expect(error).toBeInstanceOf(Rejected);
      return [];
    }
  };
  /** All open reservations, counted anew from the events. */
  const openOf = (events: readonly StockEvent[]): number => {
    const open = new Map<string, number>();
    for (const { type, data } of events) {
      if (type === 'StockReserved') open.set(data.reservationId, data.quantity);
      if (type === 'StockReleased' || type === 'StockCommitted') open.delete(data.reservationId);
    }
    return [...open.values()].reduce((sum, n) => sum + n, 0);
  };

  it('is never below zero in any prefix of its events, nothing is promised twice, and no decision about a reservation has a second effect', () => {
    const registry = new EventRegistry([inventoryEvents]);
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 1, arbitrary: moves }, { weight: 4, arbitrary: reservations }), {
          maxLength: 40,
          size: 'max',
        }),
        (decisions) => {
          const events: StockEvent[] = [];
          for (const decide of decisions) {
            const before = stateOf(stock, events);
            const now = decided(before, decide);
            events.push(...now);
            const isAboutReservation = now.some(({ type }) => type !== 'StockReceived' && type !== 'StockAdjusted');
            if (isAboutReservation) expect(decided(stateOf(stock, events), decide)).toEqual([]);
          }
          const made = events.flatMap(({ type, data }) => (type === 'StockReserved' ? [data.reservationId] : []));
          expect(made).toEqual([...new Set(made)]);
          let state: Stock = stock.initial;
          events.forEach((event, n) => {
            seen.add(event.type);
            registry.assertValid(event.type, event.data);
            state = stock.evolve(state, event);
            const { onHand, reserved } = state;
            expect(reserved).toBe(openOf(events.slice(0, n + 1)));
            expect(reserved).toBeGreaterThanOrEqual(0);
            expect(onHand).toBeGreaterThanOrEqual(reserved);
          });
        },
      ),
      { numRuns: runs(300) },
    );
    if (hasAllRuns()) expect(seen).toEqual(new Set(Object.keys(inventoryEvents.types)));
  });

  it('holds ten thousand reservations, and a change of one copies little of the others', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => {
      const id = (n * 2_654_435_761).toString(16).padStart(12, '0').slice(-8);
      return {
        ...reserved(String(n), 1),
        data: { ...at, reservationId: id, orderId: id, quantity: 1, expiresAt: noon },
      };
    }) as StockEvent[];
    const before = stateOf(stock, [received(10_000), ...many]);
    const [first] = many as [Extract<StockEvent, { type: 'StockReserved' }>];
    const after = stock.evolve(before, {
      type: 'StockReleased',
      data: { ...at, reservationId: first.data.reservationId, orderId: '0', quantity: 1, reason: 'cancelled' },
    });
    expect([countOf(before.reservations), countOf(after.reservations)]).toEqual([10_000, 9_999]);
    const buckets = (s: Stock) => s.reservations.flatMap((inner) => inner ?? []).filter((bucket) => bucket !== null);
    const untouched = new Set(buckets(before));
    expect(buckets(after).filter((bucket) => !untouched.has(bucket))).toHaveLength(1);
    expect(Math.max(...buckets(before).map((bucket) => bucket.length))).toBeLessThan(50);
  });
});
