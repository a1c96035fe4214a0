import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../../kernel/ids';
import { copyFolderOf } from '../columnar/columnar-copy';
import { replaceFile } from '../export/export-progress';
import { type ExportJob, expiryOf, type JobProgress, type JobStatus, NOT_BEGUN } from './export-job';

const JOB = 'job.json';
const PROGRESS = 'progress.json';
const CANCELLED = 'cancelled.json';
const EXPORT = 'export';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Begins the name of what is being made or removed, and is no job. */
const HIDDEN = '.';

/** Where a data folder keeps the exports that were asked for over HTTP. */
export const jobFolderOf = (dataDir: string): string => join(copyFolderOf(dataDir), 'exports');

/**
 * The exports that were asked for, each in a folder of its own: what was asked (written once), how far it has come (written by the one
 * process that works on it), whether it was cancelled (written by anyone), and the export itself. Several processes may share it: each
 * step is one change of a name, so that it is seen whole or not at all.
 */
export class JobFolder {
  constructor(readonly folder: string) {}

  /** The folder of an export. */
  exportOf(jobId: string): string {
    return this.path(jobId, EXPORT);
  }

  /** In the order in which they were asked for. */
  async all(): Promise<JobStatus[]> {
    const found = await Promise.all((await this.names()).filter((name) => UUID.test(name)).map((id) => this.find(id)));
    return found.filter((status) => status !== null).sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  }

  /** null: there is no such job (any more). */
  async find(jobId: string): Promise<JobStatus | null> {
    const job = await this.read<ExportJob>(jobId, JOB);
    if (job === null) return null;
    const progress = (await this.read<JobProgress>(jobId, PROGRESS)) ?? NOT_BEGUN;
    const cancelled = await this.read<{ at: string }>(jobId, CANCELLED);
    if (cancelled === null) return { job, ...progress };
    // Whatever a process has noted at the same moment.
    return { job, ...progress, state: 'cancelled', endedAt: cancelled.at, files: [], problem: null };
  }

  /** The job under its id: this one, or one that was there before. */
  async add(job: ExportJob): Promise<JobStatus> {
    const making = this.path(`${HIDDEN}${newId()}`);
    await mkdir(making, { recursive: true, mode: 0o700 });
    try {
      await replaceFile(join(making, JOB), JSON.stringify(job));
      await rename(making, this.path(job.jobId));
    } catch (error) {
      await rm(making, { recursive: true, force: true });
      const before = await this.find(job.jobId);
      if (before === null) throw error;
      return before;
    }
    return { job, ...NOT_BEGUN };
  }

  async note(jobId: string, progress: JobProgress): Promise<void> {
    await replaceFile(this.path(jobId, PROGRESS), JSON.stringify(progress));
  }

  async cancel(jobId: string): Promise<void> {
    await replaceFile(this.path(jobId, CANCELLED), JSON.stringify({ at: new Date().toISOString() }));
  }

  isCancelled(jobId: string): boolean {
    return existsSync(this.path(jobId, CANCELLED));
  }

  exists(jobId: string): boolean {
    return existsSync(this.path(jobId, JOB));
  }

  /** Whether something of the export is there, finished or not. */
  hasFiles(jobId: string): boolean {
    return existsSync(this.exportOf(jobId));
  }

  async removeFiles(jobId: string): Promise<void> {
    await rm(this.exportOf(jobId), { recursive: true, force: true });
  }

  /** The job and its files. */
  async remove(jobId: string): Promise<void> {
    const removed = this.path(`${HIDDEN}${newId()}`);
    await rename(this.path(jobId), removed).catch(unlessGone);
    await rm(removed, { recursive: true, force: true });
  }

  /** Removes what was kept for long enough, and what a process left that was killed while it made or removed something. */
  async sweep(now = new Date().toISOString()): Promise<void> {
    for (const status of await this.all()) {
      const expiry = expiryOf(status);
      if (expiry !== null && expiry < now) await this.remove(status.job.jobId);
    }
    const isLeftOver = (name: string) =>
      UUID.test(name) ? !this.exists(name) : UUID.test(name.slice(1)) && isOld(name.slice(1), now);
    const leftOver = (await this.names()).filter(isLeftOver);
    for (const name of leftOver) await rm(this.path(name), { recursive: true, force: true });
  }

  private path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  private async names(): Promise<string[]> {
    return readdir(this.folder).catch((error: unknown) => {
      unlessGone(error);
      return [];
    });
  }

  private async read<T>(...names: [jobId: string, name: string]): Promise<T | null> {
    try {
      return JSON.parse(await readFile(this.path(...names), 'utf8')) as T;
    } catch (error) {
      unlessGone(error);
      return null;
    }
  }
}

const sortKey = ({ job: { requestedAt, jobId } }: JobStatus): string => `${requestedAt} ${jobId}`;

/** Another process may remove what this one looks at. */
function unlessGone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/** What is being made or removed takes seconds. */
const OLD_AFTER_MS = 60 * 60_000;

/** By the time in the name (UUID, version 7: RFC 9562, 5.7). */
const isOld = (id: string, now: string): boolean =>
  parseInt(id.replaceAll('-', '').slice(0, 12), 16) < Date.parse(now) - OLD_AFTER_MS;
