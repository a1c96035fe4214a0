import type { Role } from '../config';

/** What a process of a role does. */
export interface Duties {
  /** Answers the API; every role answers operators, on a port of their own. */
  readonly serves: boolean;
  /** Folds events into read models. */
  readonly projects: boolean;
  /** Runs the process managers. */
  readonly runsProcesses: boolean;
  /** Relays public events to Kafka, where there are brokers. */
  readonly relays: boolean;
}

const NOTHING: Duties = { serves: false, projects: false, runsProcesses: false, relays: false };

export const dutiesOf: Readonly<Record<Role, Duties>> = {
  all: { serves: true, projects: true, runsProcesses: true, relays: true },
  api: { ...NOTHING, serves: true },
  projections: { ...NOTHING, projects: true },
  processes: { ...NOTHING, runsProcesses: true },
  relay: { ...NOTHING, relays: true },
};
