import { endedIn, mayHaveEnded, noneEnded, withEnded } from '#src/inventory/ended-reservations';
import {
  countOf,
  hashOf,
  noReservations,
  reservationIn,
  withoutReservation,
  withReservation,
  type Reservation,
} from '#src/inventory/reservations';

const made = (reservationId: string, more: Partial<Reservation> = {}): Reservation => ({
  reservationId,
  quantity: 1,
  confirmed: false,
  until: 1_780_000_000,
  ...more,
});
const all = (...ids: string[]) => ids.reduce((before, id) => withReservation(before, made(id)), noReservations);

describe('the place of a reservation', () => {
  // Snapshots hold reservations in their places.
  it('is by the last four characters of its id, for ever', () => {
    expect([hashOf(''), hashOf('a'), hashOf('ab'), hashOf('cdef')]).toEqual([0, 97, 3_299, 3_530_308]);
    expect(hashOf('abcdef')).toBe(hashOf('cdef'));
    expect(hashOf('bdef')).not.toBe(hashOf('cdef'));
  });

  it('is in one of 32 lists, and in one of 32 buckets of it', () => {
    const [outer, inner] = [3_530_308 & 31, (3_530_308 >> 5) & 31];
    const held = all('cdef');
    expect([held, held[outer]].map((list) => list?.length)).toEqual([32, 32]);
    expect(held.filter((list) => list !== null)).toHaveLength(1);
    expect(held[outer]?.filter((bucket) => bucket !== null)).toEqual([[made('cdef')]]);
    expect(held[outer]?.[inner]).toEqual([made('cdef')]);
  });
});

describe('open reservations', () => {
  const held = all('1-same', '2-same', '3-else');

  it('are found by their ids, also those that share a place', () => {
    expect(reservationIn(held, '2-same')).toEqual(made('2-same'));
    expect(reservationIn(held, '4-same')).toBeUndefined();
    expect(reservationIn(noReservations, '1-same')).toBeUndefined();
    expect([countOf(noReservations), countOf(held)]).toEqual([0, 3]);
  });

  it('are changed in their place', () => {
    const changed = withReservation(held, made('1-same', { confirmed: true }));
    expect(reservationIn(changed, '1-same')?.confirmed).toBe(true);
    expect(reservationIn(changed, '2-same')?.confirmed).toBe(false);
    expect(countOf(changed)).toBe(3);
    expect(withReservation(changed, made('1-same'))).toEqual(held);
  });

  it('leave nothing behind, so that equal reservations are equal values', () => {
    expect(withoutReservation(held, '3-else')).toEqual(all('1-same', '2-same'));
    expect(withoutReservation(held, '2-same')).toEqual(all('1-same', '3-else'));
    const none = ['1-same', '2-same', '3-else'].reduce(withoutReservation, held);
    expect(none).toEqual(noReservations);
    expect(none.every((list) => list === null)).toBe(true);
    expect(withoutReservation(noReservations, '1-same')).toEqual(noReservations);
  });
});

describe('reservations that have ended', () => {
  const noon = 1_780_000_000;
  const HOUR_S = 3_600;
  /** They share a place. */
  const one = (n: number, until = noon) => ({ reservationId: `${n}-same`, until });
  const after = (...ended: ReturnType<typeof one>[]) => ended.reduce(withEnded, noneEnded);

  it('are in one of 64 places', () => {
    const place = hashOf('1-same') & 63;
    expect(noneEnded).toEqual(Array.from({ length: 64 }, () => null));
    expect(after(one(1)).filter((bucket) => bucket !== null)).toHaveLength(1);
    expect(after(one(1))[place]).toEqual({ ended: [one(1)], forgottenUntil: 0 });
  });

  it('are remembered each once, by when nobody may make them any more', () => {
    const all = after(one(1, noon + 5), one(2), one(1, noon + 5));
    expect(endedIn(all)).toEqual([one(2), one(1, noon + 5)]);
    expect([1, 2, 3].map((n) => mayHaveEnded(all, one(n)))).toEqual(['ended', 'ended', null]);
    expect(mayHaveEnded(noneEnded, one(1))).toBeNull();
  });

  it('are forgotten more than an hour before the newest, and nothing that could have been one of them is made', () => {
    const within = after(one(1), one(2, noon + HOUR_S));
    expect(endedIn(within)).toHaveLength(2);
    expect(mayHaveEnded(within, one(3, noon - 1))).toBeNull();

    const beyond = after(one(1), one(2, noon + 7), one(3, noon + HOUR_S + 1));
    expect(endedIn(beyond)).toEqual([one(2, noon + 7), one(3, noon + HOUR_S + 1)]);
    expect(mayHaveEnded(beyond, one(1))).toBe('forgotten');
    expect(mayHaveEnded(beyond, one(4, noon))).toBe('forgotten');
    expect(mayHaveEnded(beyond, one(4, noon + 1))).toBeNull();
  });

  it('beyond 128 of a place are forgotten, those first that expired first', () => {
    const many = Array.from({ length: 128 }, (_, n) => one(n, noon + n));
    expect(endedIn(after(...many))).toHaveLength(128);
    const more = after(...many, one(128, noon + 128), one(129, noon + 129));
    expect(endedIn(more)).toHaveLength(128);
    expect([0, 1, 2].map((n) => mayHaveEnded(more, one(n, noon + n)))).toEqual(['forgotten', 'forgotten', 'ended']);
  });

  it('stay forgotten when one comes late that expired before them', () => {
    const late = after(one(1, noon + 50), one(2, noon + HOUR_S + 100), one(3, noon));
    expect(mayHaveEnded(late, one(4, noon + 50))).toBe('forgotten');
    expect(mayHaveEnded(late, one(4, noon + 51))).toBeNull();
    expect(mayHaveEnded(late, one(3, noon))).toBe('forgotten');
  });
});
