import { Logger } from '@nestjs/common';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandContext } from '../../kernel/commands';
import type { EventStore } from '../../kernel/event-store/event-store';
import { stampOf } from '../../kernel/position';
import { refused } from '../../kernel/write-path/problems';
import { type Manifest, readManifest } from '../export/manifest';
import type { HistoryConfig } from '../source';
import { type ExportJob, type JobFile, type JobStatus, isUnfinished } from './export-job';
import { orderOf } from './export-order';
import { rejected } from '../problems';
import { isFull } from './export-run';
import { ExportRunner, type RunnerOptions } from './export-runner';
import type { AskExportDto } from './exports.dto';
import { JobFolder, jobFolderOf } from './job-folder';

export interface AskedExport {
  readonly status: JobStatus;
  /** It had been asked for before, under the same key. */
  readonly isReplay: boolean;
}

/** A file to read; whoever has it closes it. */
export interface OpenedFile extends JobFile {
  readonly handle: FileHandle;
}

/** So many jobs are kept, ended or not. */
const MOST_JOBS = 50;

/** Takes orders for exports and hands them out: what is made is made in a process beside the shop. */
export class ExportDesk {
  private readonly logger = new Logger('Exports');
  private readonly jobs: JobFolder;
  private readonly runner: ExportRunner;

  constructor(
    config: HistoryConfig,
    private readonly store: EventStore,
    options: RunnerOptions = {},
  ) {
    this.jobs = new JobFolder(jobFolderOf(config.dataDir));
    this.runner = new ExportRunner(config, this.jobs, { warn: (message) => this.logger.warn(message), ...options });
  }

  onApplicationBootstrap(): void {
    this.runner.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.runner.close();
  }

  /** @throws Rejected `validation-failed`, `idempotency-key-reused`, `export-too-many` or `export-no-space` */
  async ask(asked: AskExportDto, { commandId, payloadHash, actor, occurredAt }: CommandContext): Promise<AskedExport> {
    const order = await orderOf(this.store, asked);
    const before = await this.jobs.find(commandId);
    if (before) return { status: sameOr(before, payloadHash), isReplay: true };
    if ((await this.all()).length >= MOST_JOBS) throw rejected('export-too-many', { most: MOST_JOBS });
    const head = await this.store.head();
    const job: ExportJob = {
      jobId: commandId,
      requestedBy: actor.id,
      requestedAt: occurredAt,
      payloadHash,
      ...order,
      head: head && stampOf(head),
    };
    const status = await this.jobs.add(job).catch((error: unknown) => {
      throw isFull(error) ? rejected('export-no-space') : error;
    });
    this.runner.wake();
    return { status: sameOr(status, payloadHash), isReplay: false };
  }

  /** The newest first. */
  async all(): Promise<JobStatus[]> {
    await this.jobs.sweep();
    return (await this.jobs.all()).reverse();
  }

  /** @throws Rejected `export-unknown` */
  async find(jobId: string): Promise<JobStatus> {
    const status = await this.jobs.find(jobId);
    if (status) return status;
    throw rejected('export-unknown', {
      detail: 'It was removed, or another process took it: they see each other’s exports only if they share DATA_DIR.',
    });
  }

  /** null: it is not done. */
  async manifestOf({ job, state }: JobStatus): Promise<Manifest | null> {
    return state === 'done' ? readManifest(this.jobs.exportOf(job.jobId)) : null;
  }

  /** Cancels a job that has not ended; removes one that has, with its files. @throws Rejected `export-unknown` */
  async end(jobId: string): Promise<void> {
    const status = await this.find(jobId);
    if (!isUnfinished(status)) return this.jobs.remove(jobId);
    await this.jobs.cancel(jobId);
    this.runner.wake();
  }

  /** Only what the export says that it has can be read. @throws Rejected `export-unknown` or `export-file-unknown` */
  async file(jobId: string, name: string): Promise<OpenedFile> {
    const { files } = await this.find(jobId);
    const file = files.find((known) => known.name === name);
    if (!file) throw rejected('export-file-unknown');
    try {
      return { ...file, handle: await open(join(this.jobs.exportOf(jobId), file.name)) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw rejected('export-file-unknown');
      throw error;
    }
  }
}

function sameOr(status: JobStatus, payloadHash: string): JobStatus {
  if (status.job.payloadHash === payloadHash) return status;
  throw refused('idempotency-key-reused');
}
