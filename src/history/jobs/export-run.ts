import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { newestEventUpTo } from '../../kernel/event-store/log-pages';
import { comparePositions, positionOfStamp } from '../../kernel/position';
import { repeat } from '../../kernel/waiting';
import { exportLog } from '../export/export-log';
import { isFinished } from '../export/export-folder';
import { placeOf } from '../export/export-file';
import { summaryOf } from '../export/file-summary';
import { allFormats } from '../export/formats/all-formats';
import { MANIFEST, type Manifest, readManifest } from '../export/manifest';
import { type Stretch, stretchOf } from '../export/stretch';
import { type HistorySource, lengthOf } from '../source';
import type { ExportJob, JobFile, JobProgress } from './export-job';
import type { JobFolder } from './job-folder';

/** Somebody cancelled the job. */
export class JobCancelled extends Error {
  constructor() {
    super('The export was cancelled.');
    this.name = 'JobCancelled';
  }
}

/** The disk is full, or nearly: what is left belongs to the shop. */
export class NoSpace extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NoSpace';
  }
}

export interface RunOptions {
  /** So many bytes of the disk an export leaves free. */
  readonly reservedBytes?: number;
  /** How often is looked at what else happens, in milliseconds. */
  readonly everyMs?: number;
}

const RESERVED_BYTES = 256_000_000;
const EVERY_MS = 300;

/** Errors of a disk that takes no more (POSIX), and what DuckDB says then. */
const FULL_CODES = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const FULL_TEXTS = /No space left on device|Disk quota exceeded|File too large/i;

const FULL = 'There is no room left for the export on the disk of the server; remove other exports, or ask for less.';

/** Whether a disk takes no more. */
export const isFull = (error: unknown): boolean =>
  error instanceof Error &&
  (FULL_CODES.includes((error as NodeJS.ErrnoException).code ?? '') || FULL_TEXTS.test(error.message));

/**
 * Does one job, or goes on with it, and notes how far it has come.
 * @throws JobCancelled | NoSpace | StoreUnavailable
 */
export class ExportRun {
  private readonly stop = new AbortController();
  private progress: JobProgress;
  private noted = 0;

  constructor(
    private readonly source: HistorySource,
    private readonly jobs: JobFolder,
    private readonly job: ExportJob,
    before: JobProgress,
    private readonly options: RunOptions = {},
  ) {
    this.progress = { ...before, state: 'running', begun: before.begun + 1 };
  }

  /** What is to be noted when it has ended. */
  async run(): Promise<JobProgress> {
    const ended = new AbortController();
    const { store } = this.source;
    const stretch = await this.stretch();
    const newest = stretch.upTo && (await newestEventUpTo(store, stretch.upTo));
    this.progress = { ...this.progress, of: await this.lengthOf(stretch), asOf: newest && placeOf(newest) };
    await this.jobs.note(this.job.jobId, this.progress);
    const watching = repeat(() => this.watch(), this.options.everyMs ?? EVERY_MS, ended.signal);
    try {
      const manifest = await this.export(stretch);
      this.stop.signal.throwIfAborted();
      const { events } = this.progress;
      return { ...this.progress, state: 'done', of: events, files: await this.files(manifest), endedAt: now() };
    } catch (error) {
      throw isFull(error) ? new NoSpace(FULL, { cause: error }) : error;
    } finally {
      ended.abort();
      await watching;
    }
  }

  private async export(stretch: Stretch): Promise<Manifest> {
    const { jobId, selection, perDay } = this.job;
    const folder = this.jobs.exportOf(jobId);
    // The process ended when the export was made, and that was not noted any more.
    if (await isFinished(folder)) return readManifest(folder);
    const format = allFormats.find(({ name }) => name === this.job.format);
    if (!format) throw new Error(`This release knows no format ${this.job.format}.`);
    return exportLog(this.source, {
      folder,
      format,
      selection,
      perDay,
      stretch,
      onProgress: (events) => (this.progress = { ...this.progress, events }),
      signal: this.stop.signal,
    });
  }

  /** Nothing that was recorded after it was asked for: so it is the same, however often it is begun. */
  private async stretch(): Promise<Stretch> {
    const { selection, head } = this.job;
    const { after, upTo } = await stretchOf(this.source.store, selection);
    const last = head === null ? null : positionOfStamp(head);
    return { after, upTo: comparePositions(upTo, last) < 0 ? upTo : last };
  }

  private async lengthOf({ after, upTo }: Stretch): Promise<number | null> {
    if ((await lengthOf(this.source.store)) === null) return null;
    return Math.max(0, Number(upTo?.commit ?? 0) - Number(after?.commit ?? 0));
  }

  private async watch(): Promise<void> {
    const { jobId } = this.job;
    try {
      if (this.jobs.isCancelled(jobId) || !this.jobs.exists(jobId)) throw new JobCancelled();
      const { bavail, bsize } = await statfs(this.jobs.folder);
      if (bavail * bsize < (this.options.reservedBytes ?? RESERVED_BYTES)) throw new NoSpace(FULL);
      if (this.noted === this.progress.events) return;
      this.noted = this.progress.events;
      await this.jobs.note(jobId, this.progress);
    } catch (error) {
      this.stop.abort(error);
    }
  }

  /** Everything that an import or a check of the export needs. */
  private async files({ files }: Manifest): Promise<JobFile[]> {
    const folder = this.jobs.exportOf(this.job.jobId);
    const lines = files.flatMap((file) => (file.lines ? [file.lines] : []));
    const withLength = lines.map(async ({ name, sha256 }) => {
      const { size: bytes } = await stat(join(folder, name));
      return { name, bytes, sha256 };
    });
    return [
      { name: MANIFEST, ...(await summaryOf(join(folder, MANIFEST))) },
      ...files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
      ...(await Promise.all(withLength)),
    ];
  }
}

const now = (): string => new Date().toISOString();
