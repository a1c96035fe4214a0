import type { Random } from '../random';

const DAY = 24 * 60 * 60_000;

/** Of how many milliseconds a fault lasts. */
interface Lasting {
  readonly for: number;
}

/** Which of several processes is meant: from 0 up to, and without, 1. */
interface Chosen {
  readonly which: number;
}

/** What each kind of fault is, in the shape that it has in a plan. Times are in milliseconds. */
export interface FaultKinds {
  /** Somebody else locks the event log, twice shortly after one another. */
  'two-locks': { readonly first: number; readonly commits: number; readonly second: number };
  /** Somebody else locks the keys of personal data. */
  'locked-keys': Lasting;
  'locked-read-models': Lasting;
  /** The books of the test gateway; as it may be longer than its driver would wait. */
  'locked-gateway': Lasting;
  /** The disk is full but for so many bytes. */
  'full-disk': Lasting & { readonly except: number };
  /** A process stands still (SIGSTOP), and goes on. */
  stopped: Lasting & Chosen;
  /** SIGKILL; `again`: its first start is killed too, after so long. */
  killed: Chosen & { readonly again: number | null };
  /** A clock is wrong for a while. */
  clock: Lasting & Chosen & { readonly by: number };
  /** What clients are answered comes late. */
  'held-answers': Lasting;
  /** What clients are answered is held back for a while, and lost then. */
  'lost-answers': Lasting;
  /** The event store refuses everybody, twice shortly after one another. */
  'two-refusals': { readonly first: number; readonly between: number; readonly second: number };
  /** The event store answers appends with a time-out; they are stored all the same, or not. */
  timeouts: { readonly count: number; readonly stored: boolean };
  /** The event store stores appends and says nothing for a while. */
  'held-replies': Lasting;
  /** The event store takes so long for each call. */
  'slow-store': Lasting & { readonly by: number };
  /** All connections to the event store are cut. */
  'cut-store': object;
  /** The event store is killed, and comes back. */
  'store-outage': Lasting;
  /** The event store stands still (SIGSTOP), and goes on. */
  'stopped-store': Lasting;
  /** The clock of the event store is wrong for a while. */
  'store-clock': Lasting & { readonly by: number };
  /** MongoDB can't be reached, and has all its data when it can. */
  'mongodb-outage': Lasting;
  /** All connections to MongoDB are cut. */
  'cut-mongodb': object;
}

export type FaultKind = keyof FaultKinds;
export type FaultOf<K extends FaultKind> = { readonly kind: K } & FaultKinds[K];
export type AnyFault = { [K in FaultKind]: FaultOf<K> }[FaultKind];

/** A fault of the plan: it begins so long after so many orders were accepted. */
export type PlannedFault = AnyFault & { readonly orders: number; readonly delay: number };

/** How wrong a clock is, in milliseconds. */
const WRONG_BY = [60_000, 2 * 60 * 60_000, DAY, 3 * DAY, -60_000, -2 * 60 * 60_000, -DAY];

/** From 2 to 4 s: longer than anything waits for a server, and shorter than an operator needs. */
const outage = (random: Random): number => random.between(2_000, 4_000);

const made: { readonly [K in FaultKind]: (random: Random) => FaultKinds[K] } = {
  // The first one is shorter than a write waits for a lock, the second one is longer, and shorter than two wait one after the other.
  'two-locks': (random) => ({
    first: random.between(500, 1_900),
    commits: random.one([1, 1, 1, 2, 3]),
    second: random.between(2_020, 3_500),
  }),
  'locked-keys': (random) => ({ for: outage(random) }),
  'locked-read-models': (random) => ({ for: outage(random) }),
  'locked-gateway': (random) => ({ for: random.between(2_000, 7_000) }),
  'full-disk': (random) => ({ for: outage(random), except: random.chance(0.5) ? 0 : random.between(0, 65_536) }),
  stopped: (random) => ({ for: outage(random), which: random.next() }),
  killed: (random) => ({ which: random.next(), again: random.chance(0.3) ? random.between(200, 1_500) : null }),
  clock: (random) => ({
    which: random.next(),
    by: random.one(WRONG_BY),
    for: random.between(200, 2_000),
  }),
  'held-answers': (random) => ({ for: outage(random) }),
  'lost-answers': (random) => ({ for: random.between(50, 1_000) }),
  'two-refusals': (random) => ({
    first: random.between(300, 2_500),
    between: random.between(20, 200),
    second: random.between(2_020, 3_500),
  }),
  timeouts: (random) => ({ count: random.between(1, 8), stored: random.chance(0.5) }),
  'held-replies': (random) => ({ for: outage(random) }),
  'slow-store': (random) => ({ for: outage(random), by: random.between(100, 2_400) }),
  'cut-store': () => ({}),
  'store-outage': (random) => ({ for: outage(random) }),
  'stopped-store': (random) => ({ for: outage(random) }),
  'store-clock': (random) => ({ by: random.one(WRONG_BY), for: random.between(200, 2_000) }),
  'mongodb-outage': (random) => ({ for: outage(random) }),
  'cut-mongodb': () => ({}),
};

export const faultKinds = Object.keys(made) as readonly FaultKind[];
export const isFaultKind = (text: string): text is FaultKind => text in made;

/** How often a plan has each kind, at the very least once: what has found most, most often. */
export type Shares = Partial<Readonly<Record<FaultKind, number>>>;

/**
 * So many faults, spread over so many orders: for the same source the same ones. Every kind comes once before one comes more often than
 * its share.
 */
export function planOf(random: Random, orders: number, count: number, shares: Shares): PlannedFault[] {
  const kinds: FaultKind[] = [];
  while (kinds.length < count) kinds.push(...shuffled(random, bagOf(shares)));
  const chosen = shuffled(random, kinds.slice(0, count));
  return chosen.map((kind, n) => {
    const share = (n + random.next()) / count;
    const when = { orders: Math.floor(share * (orders - 1)), delay: random.between(0, 60) };
    return { kind, ...made[kind](random), ...when } as PlannedFault;
  });
}

/** What it is, for a person. */
export function describeFault({ orders, delay, kind, ...more }: PlannedFault): string {
  const how = Object.entries(more).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? round(value) : value}`,
  );
  return `${delay} ms after order ${orders}: ${[kind, ...how].join(', ')}`;
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

const bagOf = (shares: Shares): FaultKind[] =>
  (Object.entries(shares) as [FaultKind, number][]).flatMap(([kind, times]) => new Array<FaultKind>(times).fill(kind));

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const rest = [...list];
  const result: T[] = [];
  while (rest.length > 0) result.push(...rest.splice(random.between(0, rest.length - 1), 1));
  return result;
}
