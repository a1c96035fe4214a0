/** Units that are kept for an order, and whether it is paid. No more than decisions need: snapshots hold every one. */
export interface Reservation {
  readonly reservationId: string;
  readonly quantity: number;
  readonly confirmed: boolean;
  /** When it expires if it is not made by then, in seconds since 1970. */
  readonly until: number;
}

type Bucket = readonly Reservation[];

/**
 * Open reservations. A popular variant has tens of thousands, and each of its events changes one: they are spread over
 * WIDTH × WIDTH buckets by a hash of their ids, so that a change copies two short lists and a bucket, and nothing of the others.
 */
export type Reservations = readonly (readonly (Bucket | null)[] | null)[];

const WIDTH = 32;
const nothing = (): null[] => Array.from({ length: WIDTH }, () => null);

export const noReservations: Reservations = nothing();

export const reservationIn = (reservations: Reservations, reservationId: string): Reservation | undefined => {
  const [outer, inner] = placeOf(reservationId);
  return reservations[outer]?.[inner]?.find((each) => each.reservationId === reservationId);
};

/** The reservations with this one among them, in place of the one with its id if there is one. */
export function withReservation(reservations: Reservations, reservation: Reservation): Reservations {
  const { reservationId } = reservation;
  return change(reservations, reservationId, (bucket) => {
    const n = bucket.findIndex((each) => each.reservationId === reservationId);
    return n < 0 ? [...bucket, reservation] : bucket.with(n, reservation);
  });
}

export const withoutReservation = (reservations: Reservations, reservationId: string): Reservations =>
  change(reservations, reservationId, (bucket) => bucket.filter((each) => each.reservationId !== reservationId));

export const countOf = (reservations: Reservations): number =>
  reservations.flatMap((buckets) => buckets ?? []).reduce((count, bucket) => count + (bucket?.length ?? 0), 0);

/** What has become empty is left out, so that equal reservations are equal values whatever came before. */
function change(reservations: Reservations, reservationId: string, to: (bucket: Bucket) => Bucket): Reservations {
  const [outer, inner] = placeOf(reservationId);
  const before = reservations[outer] ?? nothing();
  const bucket = to(before[inner] ?? []);
  const buckets = before.with(inner, bucket.length > 0 ? bucket : null);
  return reservations.with(outer, buckets.some((each) => each !== null) ? buckets : null);
}

/** By the last characters of the id, which are random in ids that are derived. */
export function hashOf(reservationId: string): number {
  let hash = 0;
  for (let i = Math.max(0, reservationId.length - 4); i < reservationId.length; i++)
    hash = (hash * 33) ^ reservationId.charCodeAt(i);
  return hash;
}

function placeOf(reservationId: string): [outer: number, inner: number] {
  const hash = hashOf(reservationId);
  return [hash & (WIDTH - 1), (hash >>> 5) & (WIDTH - 1)];
}
