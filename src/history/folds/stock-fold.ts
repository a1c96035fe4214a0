import type { Json } from '../../kernel/json';
import { stock, type Stock } from '../../inventory/stock';
import { endedIn } from '../../inventory/ended-reservations';
import type { Reservations } from '../../inventory/reservations';
import { foldOfAggregate } from './stream-fold';

type Bucket = NonNullable<NonNullable<Reservations[number]>[number]>;

const bucketsOf = (reservations: Reservations): (Bucket | null)[] => reservations.flatMap((buckets) => buckets ?? []);

/** Reservations by their id: the buckets that they are spread over mean nothing to anybody. */
function shown({ reservations, ended, ...stock }: Stock, buckets = bucketsOf(reservations), ends = ended): Json {
  const open = buckets.flatMap((bucket) => bucket ?? []);
  return {
    ...stock,
    reservations: Object.fromEntries(
      open.map(({ reservationId, quantity, confirmed }) => [reservationId, { quantity, confirmed }]),
    ),
    endedReservations: endedIn(ends).map(({ reservationId }) => reservationId),
  };
}

/** Only buckets that differ: a popular variant has tens of thousands of reservations, and an event changes one. */
function shownChange(before: Stock, after: Stock): readonly [Json, Json] {
  const changed: [Bucket[], Bucket[]] = [[], []];
  before.reservations.forEach((was, n) => {
    const is = after.reservations[n];
    if (was === is) return;
    for (let inner = 0; inner < Math.max(was?.length ?? 0, is?.length ?? 0); inner++) {
      if (was?.[inner] === is?.[inner]) continue;
      changed[0].push(was?.[inner] ?? []);
      changed[1].push(is?.[inner] ?? []);
    }
  });
  const ends = (of: Stock, other: Stock) => of.ended.filter((bucket, n) => bucket !== other.ended[n]);
  return [shown(before, changed[0], ends(before, after)), shown(after, changed[1], ends(after, before))];
}

export const stockFold = foldOfAggregate(stock, { shown: (state) => shown(state), shownChange });
