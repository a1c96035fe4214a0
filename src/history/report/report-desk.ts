import { join } from 'node:path';
import { instantInQuery } from '../../kernel/http/as-of';
import { problem } from '../../kernel/http/problem';
import { InvalidInstant } from '../../kernel/instant';
import { filesOf } from '../columnar/copy-manifest';
import type { CopyRefresher } from '../columnar/copy-refresher';
import { SpillFolder } from '../columnar/spill-folder';
import { assertInOrder } from '../moments-in-order';
import { rejected } from '../problems';
import { makeReport, type ReportForm } from './make-report';
import { assertWithin, instantOfLog, type ReportStretch, textsOf } from './report-stretch';

/** How much a report may cost. */
export interface ReportLimits {
  /** From the question to the answer. */
  readonly timeoutMs: number;
  /** What needs more goes through the disk. */
  readonly memoryLimitMb: number;
  /** So long a report waits for all that is recorded to be in the columnar copy: without it, it would be another one later. */
  readonly freshWithinMs: number;
}

export const REPORT_LIMITS: ReportLimits = { timeoutMs: 60_000, memoryLimitMb: 512, freshWithinMs: 20_000 };

/** The compiled program that makes a report. */
const PROGRAM = join(__dirname, 'report-process.js');

/** Instants as they were asked for. */
export interface AskedStretch {
  readonly from?: string;
  readonly to?: string;
}

/** Makes reports for many, one at a time: in a process beside the shop that reads the columnar copy and nothing else. */
export class ReportDesk {
  /** The report that is being made, and what ends it; null: there is none. */
  private running: { readonly ending: AbortController; readonly made: Promise<string> } | null = null;

  constructor(
    private readonly refresher: CopyRefresher,
    private readonly limits: ReportLimits = REPORT_LIMITS,
    private readonly program = PROGRAM,
  ) {}

  /**
   * The report, as text. `gone`: nobody waits for it any more.
   * @throws Rejected `validation-failed`, `history-not-ready`, `report-busy`, `report-timeout` or `report-too-much-memory`
   */
  async report(asked: AskedStretch, form: ReportForm, gone: AbortSignal): Promise<string> {
    const stretch = stretchOf(asked);
    if (this.running !== null) throw rejected('report-busy', { retryAfterSeconds: 5 });
    const ending = new AbortController();
    const { timeoutMs } = this.limits;
    const detail = `It took longer than ${timeoutMs / 1_000} seconds; chronocart history report has no such limit.`;
    const timer = setTimeout(() => ending.abort(rejected('report-timeout', { detail })), timeoutMs);
    gone.addEventListener('abort', () => ending.abort(problem('bad-request', { detail: 'Who asked has gone away.' })));
    const made = this.make(stretch, form, ending.signal);
    this.running = { ending, made };
    try {
      return await made;
    } finally {
      clearTimeout(timer);
      this.running = null;
    }
  }

  onModuleDestroy(): Promise<void> {
    return this.close();
  }

  /** Ends the report that is being made. */
  async close(): Promise<void> {
    this.running?.ending.abort(problem('shutting-down'));
    await this.running?.made.catch(() => undefined);
  }

  private async make(stretch: ReportStretch, form: ReportForm, ending: AbortSignal): Promise<string> {
    const { freshWithinMs, memoryLimitMb } = this.limits;
    const { folder } = this.refresher;
    const copy = await this.refresher.upToNow(freshWithinMs).finally(() => ending.throwIfAborted());
    if (copy === null) {
      const detail = 'The newest events are still being copied into columns.';
      throw rejected('history-not-ready', { retryAfterSeconds: 5, detail });
    }
    at('from', () => assertWithin({ from: stretch.from, to: null }, copy));
    at('to', () => assertWithin({ from: null, to: stretch.to }, copy));
    const spill = SpillFolder.open(folder);
    try {
      const settings = { files: filesOf(folder, copy), memoryLimitMb, threads: 1, temporaryFolder: spill.path };
      const upTo = stretch.to ? { upTo: stretch.to } : {};
      const task = { form, storeId: copy.storeId, ...textsOf(stretch), begin: stretch.from, ...settings, ...upTo };
      return await makeReport(this.program, task, ending);
    } finally {
      spill.close();
    }
  }
}

function stretchOf({ from, to }: AskedStretch): ReportStretch {
  const stretch = {
    from: from === undefined ? null : at('from', () => instantOfLog(instantInQuery(from))),
    to: to === undefined ? null : at('to', () => instantOfLog(instantInQuery(to))),
  };
  at('from', () => assertInOrder(stretch.from, stretch.to));
  return stretch;
}

/** What is wrong with an instant is said of the parameter that it was given in. */
function at<T>(parameter: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InvalidInstant)) throw error;
    throw problem('validation-failed', { errors: [{ parameter, detail: error.unquoted }] });
  }
}
