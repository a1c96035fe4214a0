/** How much of a kind of request one network, and one guest or account, may send. */
export interface RateClass {
  /** Requests in a window, unless RATE_LIMITS says otherwise. */
  readonly most: number;
  readonly windowSeconds: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Each route is of one class. What a stranger makes the shop store or compute costs more than a person would ever ask for. */
export const rateClasses = {
  guests: { most: 60, windowSeconds: MINUTE },
  registrations: { most: 10, windowSeconds: MINUTE },
  'log-ins': { most: 30, windowSeconds: MINUTE },
  passwords: { most: 10, windowSeconds: MINUTE },
  orders: { most: 60, windowSeconds: MINUTE },
  cart: { most: 1_200, windowSeconds: MINUTE },
  /** Whatever else changes something: what sellers and operators do. */
  changes: { most: 1_200, windowSeconds: MINUTE },
  reads: { most: 6_000, windowSeconds: MINUTE },
  /** Commands of one guest or account on one stream: their memory, and repeats, cost what the stream is long. */
  commands: { most: 2_000, windowSeconds: HOUR },
} satisfies Record<string, RateClass>;

export type RateClassName = keyof typeof rateClasses;

/** Requests in the window of each class. */
export type RateLimits = Readonly<Record<RateClassName, number>>;
