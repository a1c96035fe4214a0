import { join } from 'node:path';
import { type CopyManifest, filesOf } from '../columnar/copy-manifest';
import type { CopyRefresher } from '../columnar/copy-refresher';
import { rejected } from '../problems';
import type { SqlAnswer } from './sql-database';
import { SqlWorker } from './sql-worker';

/** How much a question may cost. */
export interface SqlLimits {
  /** From the question to the end of the answer. */
  readonly timeoutMs: number;
  readonly memoryLimitMb: number;
  readonly mostRows: number;
  readonly mostBytes: number;
  /** So many questions are answered at once. */
  readonly atOnce: number;
  /** So long a question waits for what was recorded last to be in the copy; then it is answered as of before. */
  readonly freshWithinMs: number;
}

export const SQL_LIMITS: SqlLimits = {
  timeoutMs: 10_000,
  memoryLimitMb: 512,
  mostRows: 10_000,
  mostBytes: 10_000_000,
  atOnce: 2,
  freshWithinMs: 5_000,
};

/** The compiled program that answers. */
const PROGRAM = join(__dirname, 'sql-process.js');

export interface AnsweredSql extends SqlAnswer {
  readonly copy: CopyManifest;
}

interface Seat {
  readonly worker: SqlWorker;
  readonly generation: number;
}

/** Answers SQL for many: in processes beside the shop, each of which reads the columnar copy and nothing else. */
export class SqlDesk {
  private readonly seats = new Set<Seat>();
  /** Questions that have no process yet. */
  private arriving = 0;

  constructor(
    private readonly refresher: CopyRefresher,
    private readonly limits: SqlLimits = SQL_LIMITS,
    private readonly program = PROGRAM,
  ) {}

  /** @throws SqlRefused, and Rejected with `sql-busy` or `history-not-ready` */
  async ask(sql: string): Promise<AnsweredSql> {
    const { atOnce, freshWithinMs, mostRows, mostBytes, timeoutMs } = this.limits;
    if (this.arriving + this.busy >= atOnce) throw rejected('sql-busy', { retryAfterSeconds: 1 });
    this.arriving++;
    try {
      const copy = await this.refresher.refreshed(freshWithinMs);
      if (copy === null) throw rejected('history-not-ready', { retryAfterSeconds: 5 });
      const worker = await this.workerFor(copy);
      return { copy, ...(await worker.ask({ sql, mostRows, mostBytes }, timeoutMs)) };
    } finally {
      this.arriving--;
    }
  }

  private get busy(): number {
    return [...this.seats].filter(({ worker }) => !worker.isIdle).length;
  }

  onModuleDestroy(): Promise<void> {
    return this.close();
  }

  /** Ends everything that runs. */
  async close(): Promise<void> {
    for (const { worker } of this.seats) worker.kill();
    await Promise.all([...this.seats].map(({ worker }) => worker.gone()));
  }

  /** A process that has nothing to do and knows this copy, or a new one. */
  private async workerFor(copy: CopyManifest): Promise<SqlWorker> {
    for (const seat of this.seats) {
      if (!seat.worker.isIdle) continue;
      if (seat.generation === copy.generation) {
        seat.worker.isIdle = false;
        return seat.worker;
      }
      seat.worker.kill();
    }
    const files = filesOf(this.refresher.folder, copy);
    const { memoryLimitMb } = this.limits;
    const worker = await SqlWorker.start(this.program, {
      files,
      memoryLimitMb,
      threads: 1,
      temporaryFolder: null,
    });
    const seat = { worker, generation: copy.generation };
    this.seats.add(seat);
    void worker.gone().then(() => this.seats.delete(seat));
    return worker;
  }
}
