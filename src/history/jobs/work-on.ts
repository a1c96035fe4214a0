import { DataFolder } from '../../kernel/event-store/data-folder';
import { StoreUnavailable } from '../../kernel/event-store/event-store';
import { messageOf } from '../../kernel/message-of';
import type { HistorySource } from '../source';
import { type JobProblem, type JobProgress, type JobStatus, isUnfinished } from './export-job';
import { ExportRun, JobCancelled, NoSpace, type RunOptions } from './export-run';
import type { JobFolder } from './job-folder';

export interface WorkOptions extends RunOptions {
  /** Told what an operator should know, one line each. */
  readonly tell: (message: string) => void;
}

/** A job that has ended its process so often would end it for ever. */
const MOST_BEGUN = 50;

/** Whether there is something to do in a folder of jobs. */
export const needsWork = (jobs: JobFolder, status: JobStatus): boolean =>
  isUnfinished(status) || (status.state === 'cancelled' && jobs.hasFiles(status.job.jobId));

/**
 * Works on the jobs of a folder, the oldest first, until none is left; at once returns where another process does.
 * @throws StoreUnavailable when the jobs have to wait for the event store
 */
export async function workOn(source: HistorySource, jobs: JobFolder, options: WorkOptions): Promise<void> {
  const lock = lockOf(jobs);
  if (lock === null) return;
  try {
    for (;;) {
      const next = (await jobs.all()).find((status) => needsWork(jobs, status));
      if (!next) return;
      await work(source, jobs, next, options);
    }
  } finally {
    lock.close();
  }
}

/** null: another process has it. */
export const lockOf = (jobs: JobFolder): DataFolder | null => DataFolder.openUnlessLocked(jobs.folder);

async function work(source: HistorySource, jobs: JobFolder, status: JobStatus, options: WorkOptions): Promise<void> {
  const { job, state, ...before } = status;
  const { jobId } = job;
  if (state === 'cancelled') return jobs.removeFiles(jobId);
  const begun: JobProgress = { ...before, state };
  try {
    if (begun.begun >= MOST_BEGUN) throw new Error(`${MOST_BEGUN} processes ended while they worked on it`);
    await jobs.note(jobId, await new ExportRun(source, jobs, job, begun, options).run());
  } catch (error) {
    if (error instanceof StoreUnavailable) {
      // It was no fault of the job.
      await jobs.note(jobId, begun);
      throw error;
    }
    await jobs.removeFiles(jobId);
    if (error instanceof JobCancelled || !jobs.exists(jobId)) return;
    options.tell(`The export ${jobId} failed: ${messageOf(error instanceof NoSpace ? (error.cause ?? error) : error)}`);
    const endedAt = new Date().toISOString();
    await jobs.note(jobId, { ...begun, state: 'failed', endedAt, files: [], problem: problemOf(error) });
  }
}

/** What an analyst is told: nothing of paths or servers. */
const problemOf = (error: unknown): JobProblem =>
  error instanceof NoSpace
    ? { code: 'export-no-space', detail: error.message }
    : { code: 'export-failed', detail: 'The export can’t be made; the log of the shop says why.' };
