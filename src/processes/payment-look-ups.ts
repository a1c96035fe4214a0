/** A payment whose outcome is unknown is looked up again after so long, and then ever later. */
const FIRST_LOOK_UP_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** While a gateway says nothing for days, this is how often it is asked: each time is two events of the order's process. */
const LONGEST_SILENCE_MS = 6 * 60 * 60_000;
/** After so many look-ups the payment is voided instead. */
export const LOOK_UPS = 30;

const LOOK_UP = 'look-up-payment';

/** Twice as long each time: up to a minute as long as the buyer may still be confirmed, and then up to hours. */
export const nextLookUp = ({ lookUps }: { readonly lookUps: number }) => ({
  name: LOOK_UP,
  afterMs:
    lookUps < LOOK_UPS
      ? Math.min(FIRST_LOOK_UP_MS * 2 ** lookUps, LONGEST_WAIT_MS)
      : Math.min(LONGEST_WAIT_MS * 2 ** (lookUps - LOOK_UPS), LONGEST_SILENCE_MS),
});
