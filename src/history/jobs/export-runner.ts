import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { backOff } from '../../kernel/back-off';
import { messageOf } from '../../kernel/message-of';
import { pause } from '../../kernel/waiting';
import { startBeside } from '../beside-the-shop';
import { childEnvironment } from '../child-environment';
import type { HistoryConfig } from '../source';
import type { JobFolder } from './job-folder';
import { lockOf, needsWork } from './work-on';

export interface RunnerOptions {
  /** A compiled program that works on all jobs of the data folder and ends. */
  readonly program?: string;
  /** How often is looked whether another process has left something to do, in milliseconds. */
  readonly everyMs?: number;
  /** Told what an operator should know. */
  readonly warn?: (message: string) => void;
}

const PROGRAM = join(__dirname, 'export-process.js');
const EVERY_MS = 1_000;
/** The longest it waits before it begins again with what has failed. */
const LONGEST_MS = 60_000;
/** With nothing to do, it only looks for what a process left that is gone, and for what was kept for long enough. */
const IDLE_MS = 10_000;

/**
 * Sees to it that the jobs of a folder are worked on, by one process beside the shop, of whichever process that shares the folder: it
 * starts one when there is something to do and nobody does it.
 */
export class ExportRunner {
  private readonly closing = new AbortController();
  private waiting = new AbortController();
  private child: ChildProcess | null = null;
  private running: Promise<void> = Promise.resolve();
  private failures = 0;

  constructor(
    private readonly config: HistoryConfig,
    private readonly jobs: JobFolder,
    private readonly options: RunnerOptions = {},
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** There may be something to do. */
  wake(): void {
    this.waiting.abort();
  }

  /** Ends the process, if it works: what it has not finished is gone on with at the next start. */
  async close(): Promise<void> {
    this.closing.abort();
    this.wake();
    this.child?.kill('SIGKILL');
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.closing.signal.aborted) {
      this.waiting = new AbortController();
      const ms = await this.look().catch((error: unknown) => this.failed(error));
      if (!this.closing.signal.aborted) await pause(ms, this.waiting.signal);
    }
  }

  /** How long to wait then, in milliseconds. */
  private async look(): Promise<number> {
    await this.jobs.sweep();
    const isLeft = async () => (await this.jobs.all()).some((status) => needsWork(this.jobs, status));
    if (!(await isLeft())) return IDLE_MS;
    // Another one works already.
    const lock = lockOf(this.jobs);
    if (lock === null) return this.options.everyMs ?? EVERY_MS;
    lock.close();
    await this.work();
    this.failures = 0;
    return (await isLeft()) ? (this.options.everyMs ?? EVERY_MS) : IDLE_MS;
  }

  private async work(): Promise<void> {
    if (this.closing.signal.aborted) return;
    // It ends when its input does, so also when this process is killed.
    const { child, ended, errors } = startBeside(this.options.program ?? PROGRAM, [], childEnvironment(this.config));
    this.child = child;
    child.stdout.resume();
    const how = await ended;
    this.child = null;
    if (this.closing.signal.aborted) return;
    if (how !== 0) throw new Error(errors() || `The process that makes exports ended with ${how}.`);
    if (errors()) this.options.warn?.(errors());
  }

  private failed(error: unknown): number {
    this.options.warn?.(`Exports have to wait: ${messageOf(error)}`);
    return backOff(this.failures++, { first: this.options.everyMs ?? EVERY_MS, longest: LONGEST_MS });
  }
}
