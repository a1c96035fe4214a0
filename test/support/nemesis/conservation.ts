import type { RecordedEvent } from '#src/kernel/events';
import type { ReadModelReport } from '../shop-folder';
import type { Area, Findings } from '../shop-invariants';
import { type Happening, storyOf } from './story';

/** What is known when everything has come to rest. */
export interface Evidence {
  readonly log: readonly RecordedEvent[];
  readonly found: Readonly<Record<Area, Findings>>;
  readonly contradictions: readonly string[];
  readonly surprises: readonly string[];
  readonly alarms: readonly string[];
  readonly readModels: ReadModelReport;
  readonly verified: { readonly status: number; readonly says: string };
}

const all = ({ violations, unfinished }: Findings): string[] => [...violations, ...unfinished];

/** What must hold whatever was done to the shop, and what is found where it does not. */
export const checks: Readonly<Record<string, (evidence: Evidence) => readonly string[]>> = {
  'every command that was acknowledged is in the log once, and none that was refused': (e) => e.contradictions,
  'everybody was answered, and nobody in a way that the API promises not to answer': (e) => e.surprises,
  'no process ended by itself, and no error in one went unheard': (e) => e.alarms,
  'the log is in order': ({ found }) => all(found.log),
  'every order has ended: with its stock and its money, or with neither and its lines back once': ({ found }) =>
    all(found.orders),
  'no unit is reserved that is not there': ({ found }) => all(found.stock),
  'no unit got into a cart or out of it but by an event that says so, and guests’ carts have arrived': ({ found }) =>
    all(found.carts),
  'no name ever had two owners': ({ found }) => all(found.names),
  'every process has decided on each event once, and all its commands have ended': ({ found }) => all(found.processes),
  'the books of the gateway agree with the payments': ({ found }) => all(found.books),
  'every read model is what a rebuild makes of the log': ({ readModels }) => readModels.differing,
  'nothing is parked': ({ readModels }) => readModels.parked,
  'history verify finds nothing': ({ verified }) => (verified.status === 0 ? [] : [verified.says]),
};

/** A check that something does not pass. */
export interface Violation {
  readonly check: string;
  /** Sentences. */
  readonly found: readonly string[];
  /** What the log tells of the first of them, line by line. */
  readonly stories: readonly (readonly string[])[];
}

/** Of one check so many findings are told with their story. */
const STORIES = 3;
/** And so many without. */
const MOST_TOLD = 20;

export function conservation(evidence: Evidence, happenings: readonly Happening[]): Violation[] {
  return Object.entries(checks).flatMap(([check, find]) => {
    const found = find(evidence);
    if (found.length === 0) return [];
    const stories = found.slice(0, STORIES).map((what) => storyOf(what, evidence.log, happenings));
    return [{ check, found, stories }];
  });
}

/** For whoever has to find the cause. */
export function describeViolation({ check, found, stories }: Violation): string {
  const told = found
    .slice(0, MOST_TOLD)
    .flatMap((what, n) => [`  - ${what}`, ...(stories[n] ?? []).map((line) => `      ${line}`)]);
  const rest = found.length > MOST_TOLD ? [`  - and ${found.length - MOST_TOLD} more`] : [];
  return [`NOT SO, ${found.length} times: ${check}`, ...told, ...rest].join('\n');
}
