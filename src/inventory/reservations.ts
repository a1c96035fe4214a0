/** Units that are kept for an order, and whether it is paid. No more than decisions need: snapshots hold every one. */
export interface Reservation {
  readonly quantity: number;
  readonly confirmed: boolean;
}

/**
 * Open reservations by id. A popular variant has tens of thousands, and each event of it changes one, so they are spread over
 * two levels of plain objects by the last two characters of the id (ids are random there): a change copies a small part.
 */
export type Reservations = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Reservation>>>>>>;

export const noReservations: Reservations = {};

const slotsOf = (reservationId: string): [string, string] => [reservationId.slice(-1), reservationId.slice(-2, -1)];

export function reservationIn(reservations: Reservations, reservationId: string): Reservation | undefined {
  const [outer, inner] = slotsOf(reservationId);
  return reservations[outer]?.[inner]?.[reservationId];
}

/** The reservations with this one in place of what was there under the id; undefined: without it. */
export function withReservation(
  reservations: Reservations,
  reservationId: string,
  reservation: Reservation | undefined,
): Reservations {
  const [outer, inner] = slotsOf(reservationId);
  const { [reservationId]: _, ...others } = reservations[outer]?.[inner] ?? {};
  const slot = reservation ? { ...others, [reservationId]: reservation } : others;
  return put(reservations, outer, put(reservations[outer] ?? {}, inner, slot));
}

/** Empty parts are left out, so that equal reservations are equal values whatever came before. */
function put<T extends object>(parts: Readonly<Record<string, T>>, at: string, part: T): Readonly<Record<string, T>> {
  if (Object.keys(part).length > 0) return { ...parts, [at]: part };
  const { [at]: _, ...others } = parts;
  return others;
}

export const countOf = (reservations: Reservations): number =>
  Object.values(reservations)
    .flatMap((slots) => Object.values(slots))
    .reduce((count, slot) => count + Object.keys(slot).length, 0);
