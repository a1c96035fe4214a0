import { hashOf } from './reservations';

/** A reservation that was released or handed over. */
interface Ended {
  readonly reservationId: string;
  /** Nobody may make it after that, in seconds since 1970. */
  readonly until: number;
}

interface Bucket {
  readonly ended: readonly Ended[];
  /** No reservation that was to be made until then is made any more: it may be one that was forgotten. */
  readonly forgottenUntil: number;
}

/**
 * What is remembered of the reservations that have ended, so that a command which comes late makes none of them again. It is bounded:
 * they are spread over buckets by a hash of their ids, and a bucket forgets those that expired long before its newest, and beyond MOST
 * those that expire first. Of what it has forgotten it keeps until when that could be made, and refuses everything up to then; so
 * nothing is made twice, whatever the clocks say, and a single wrong one has no part in what is refused to others.
 */
export type EndedReservations = readonly (Bucket | null)[];

const WIDTH = 64;
const MOST = 128;
/** Far longer than anything is reserved for, and than clocks differ. */
const KEPT_S = 60 * 60;

export const noneEnded: EndedReservations = Array.from({ length: WIDTH }, () => null);

/** Whether this reservation has ended, or may have and is forgotten. */
export function mayHaveEnded(all: EndedReservations, { reservationId, until }: Ended): 'ended' | 'forgotten' | null {
  const bucket = all[placeOf(reservationId)];
  if (!bucket) return null;
  if (bucket.ended.some((each) => each.reservationId === reservationId)) return 'ended';
  return until <= bucket.forgottenUntil ? 'forgotten' : null;
}

export function withEnded(all: EndedReservations, { reservationId, until }: Ended): EndedReservations {
  const place = placeOf(reservationId);
  const bucket = all[place] ?? { ended: [], forgottenUntil: 0 };
  const inOrder = bucket.ended
    .filter((each) => each.reservationId !== reservationId)
    .concat({ reservationId, until })
    .sort((a, b) => a.until - b.until);
  const newest = inOrder.at(-1) as Ended;
  const old = inOrder.filter((each) => each.until < newest.until - KEPT_S).length;
  const forgotten = Math.max(old, inOrder.length - MOST);
  const lastForgotten = inOrder[forgotten - 1]?.until ?? 0;
  const forgottenUntil = Math.max(bucket.forgottenUntil, lastForgotten);
  return all.with(place, { ended: inOrder.slice(forgotten), forgottenUntil });
}

export const endedIn = (all: EndedReservations): Ended[] => all.flatMap((bucket) => bucket?.ended ?? []);

const placeOf = (reservationId: string): number => hashOf(reservationId) & (WIDTH - 1);
