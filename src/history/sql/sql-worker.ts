import { createInterface } from 'node:readline';
import { type BesideTheShop, EndedEarly, startBeside } from '../beside-the-shop';
import { TOO_MUCH_MEMORY } from '../memory-watch';
import type { SqlAnswer, SqlPage } from './sql-database';
import type { FromSqlProcess, OpenMessage, Question } from './sql-messages';
import { SqlRefused } from './sql-refused';

/** A process of its own that answers SQL: whatever a question does to it, the shop only loses that process. */
export class SqlWorker {
  private readonly process: BesideTheShop;
  private readonly lines: AsyncIterator<string>;
  /** Why it was ended from here; null: it was not. */
  private killedFor: SqlRefused | null = null;
  /** It has no question now, and can take one. */
  isIdle = true;

  private constructor(program: string) {
    // Nothing of the shop's environment is any of its business, least of all the secret.
    this.process = startBeside(program, [], {});
    this.lines = createInterface({ input: this.process.child.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error when the process can't open the copy */
  static async start(program: string, options: OpenMessage): Promise<SqlWorker> {
    const worker = new SqlWorker(program);
    worker.isIdle = false;
    worker.say(options);
    await worker.next();
    return worker;
  }

  /** Answers one question; it must be idle. Whoever does not read the answer to its end ends the process. */
  async ask(question: Question, timeoutMs: number): Promise<SqlAnswer> {
    this.isIdle = false;
    const timer = setTimeout(() => {
      this.kill(new SqlRefused('sql-timeout', `The question took longer than ${timeoutMs / 1_000} seconds.`));
    }, timeoutMs);
    try {
      this.say(question);
      const first = await this.next();
      if (!('columns' in first)) throw unexpected(first);
      return { columns: first.columns, pages: this.pages(timer) };
    } catch (error) {
      clearTimeout(timer);
      this.isIdle = this.killedFor === null;
      throw error;
    }
  }

  kill(why = new SqlRefused('sql-failed', 'The process that answers was ended.')): void {
    this.killedFor ??= why;
    this.isIdle = false;
    this.process.child.kill('SIGKILL');
  }

  /** Resolves when the process is gone. */
  async gone(): Promise<void> {
    await this.process.ended;
  }

  private async *pages(timer: NodeJS.Timeout): AsyncGenerator<SqlPage, void> {
    let isRead = false;
    try {
      for (;;) {
        const message = await this.next();
        if ('end' in message) break;
        if (!('rows' in message)) throw unexpected(message);
        yield message.rows;
      }
      isRead = true;
    } catch (error) {
      isRead = error instanceof SqlRefused;
      throw error;
    } finally {
      clearTimeout(timer);
      if (isRead) this.isIdle = this.killedFor === null;
      else this.kill();
    }
  }

  /** The next message. @throws SqlRefused */
  private async next(): Promise<FromSqlProcess> {
    const line = await this.lines.next();
    if (line.done) throw await this.endOf();
    const message = JSON.parse(line.value) as FromSqlProcess;
    if ('refused' in message) throw new SqlRefused(message.refused.code, message.refused.message);
    return message;
  }

  private async endOf(): Promise<Error> {
    const how = await this.process.ended;
    if (this.killedFor) return this.killedFor;
    this.killedFor = new SqlRefused('sql-failed', 'The process that answers has ended.');
    if (how === TOO_MUCH_MEMORY)
      return new SqlRefused('sql-too-much-memory', 'The question needs more memory than it may have.');
    return new EndedEarly('The process that answers SQL has ended', this.process, how);
  }

  private say(message: OpenMessage | Question): void {
    this.process.child.stdin.write(`${JSON.stringify(message)}\n`);
  }
}

const unexpected = (message: FromSqlProcess): Error =>
  new Error(`The process that answers SQL said ${Object.keys(message).join(', ')} out of turn.`);
