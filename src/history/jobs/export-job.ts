import type { Place } from '../export/manifest';
import type { Selection } from '../export/selection';

/** What an analyst asked for. It never changes. */
export interface ExportJob {
  /** UUID, from the Idempotency-Key where there was one. */
  readonly jobId: string;
  /** Who asked: the id of an account. */
  readonly requestedBy: string;
  /** ISO 8601, UTC. */
  readonly requestedAt: string;
  /** Of the request: a repeat of it that asks for something else is told apart. */
  readonly payloadHash: string;
  readonly format: string;
  readonly selection: Selection;
  readonly perDay: boolean;
  /** Where the log ended when it was asked for (a stamp): nothing later is in the export. null: the log was empty. */
  readonly head: string | null;
}

/** A file that can be downloaded. */
export interface JobFile {
  readonly name: string;
  readonly bytes: number;
  /** Of its content, in hexadecimal digits. */
  readonly sha256: string;
}

/** Why a job failed: a problem type, and one sentence. */
export interface JobProblem {
  readonly code: string;
  readonly detail: string;
}

export const JOB_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** How far the process that works on a job has come with it. */
export interface JobProgress {
  readonly state: Exclude<JobState, 'cancelled'>;
  /** So often a process began with it, or went on. */
  readonly begun: number;
  /** Events of the log that were looked at. */
  readonly events: number;
  /** About how many there are to look at; null: the store can't tell. */
  readonly of: number | null;
  /** The last event that was looked at, selected or not; null: not known yet, or there is none. */
  readonly asOf: Place | null;
  /** ISO 8601, UTC; null: not yet. */
  readonly endedAt: string | null;
  readonly files: readonly JobFile[];
  readonly problem: JobProblem | null;
}

/** What there is before a process has begun with it. */
export const NOT_BEGUN: JobProgress = {
  state: 'waiting',
  begun: 0,
  events: 0,
  of: null,
  asOf: null,
  endedAt: null,
  files: [],
  problem: null,
};

/** A job as it stands now. */
export interface JobStatus extends Omit<JobProgress, 'state'> {
  readonly job: ExportJob;
  readonly state: JobState;
}

/** Whether a process still has something to do for it. */
export const isUnfinished = ({ state }: JobStatus): boolean => state === 'waiting' || state === 'running';

/** How long a job that has ended is kept, with its files. */
export const KEPT_FOR_MS = 7 * 24 * 60 * 60_000;

/** When a job that has ended is removed with its files (ISO 8601, UTC); null: it has not ended. */
export const expiryOf = ({ endedAt }: JobStatus): string | null =>
  endedAt === null ? null : new Date(Date.parse(endedAt) + KEPT_FOR_MS).toISOString();
