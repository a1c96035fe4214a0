import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Io } from '../cli/io';
import type { AnswerWriter } from './answer-writers';
import { asOfText, type HistorySql } from './history-sql';
import type { SqlAnswer } from './sql-database';

export interface PromptOptions {
  /** Where what was asked is kept for the next time. */
  readonly folder: string;
  readonly write: AnswerWriter;
  /** Brings the copy up to date. */
  readonly reopen: () => Promise<HistorySql>;
}

const REMEMBERED = 500;
/** In milliseconds. */
const INTERRUPTED_EVERY = 20;
const FIRST = 'history> ';
const NEXT = '     ...> ';

/** A semicolon, and perhaps a comment after it. */
const ENDS_A_QUESTION = /;\s*(?:--.*)?$/;

const HELP = `Ask in SQL and end with ;   Ctrl-C ends a question that takes too long.
.tables            names of the views and functions
.schema <view>     columns of a view
.refresh           takes in what was recorded since
.quit              ends (so does Ctrl-D)
`;

/** A dialogue: questions in SQL, and a few words that begin with a dot. It ends with `.quit` or the end of the input. */
export async function promptForSql(first: HistorySql, io: Io, options: PromptOptions): Promise<void> {
  const kept = join(options.folder, 'sql-history');
  const history = existsSync(kept) ? readFileSync(kept, 'utf8').split('\n').filter(Boolean) : [];
  const isTyped = io.isTerminal && io.input.isTTY === true;
  const lines = createInterface({
    input: io.input,
    output: io.output,
    // Lines that come from a file or another program are not typed: nothing is to be edited or remembered.
    terminal: isTyped,
    history,
    historySize: REMEMBERED,
  });
  lines.on('history', (remembered) => writeFileSync(kept, remembered.join('\n'), { mode: 0o600 }));
  io.out(`SQL over the history, ${asOfText(first.copy)}. .help says more.\n`);
  const dialogue = new Dialogue(first, lines, io, options);
  lines.on('SIGINT', () => dialogue.interrupt());
  dialogue.prompt();
  try {
    for await (const line of lines) if (!(await dialogue.hear(line))) return;
    // Whoever ends at a terminal has thought better of the rest; a file may just lack the last semicolon.
    if (!isTyped) await dialogue.askRest();
  } finally {
    lines.close();
    dialogue.close();
  }
}

class Dialogue {
  private waiting = '';
  private isAsking = false;
  private interrupting: NodeJS.Timeout | null = null;
  private hasEnded = false;

  constructor(
    private sql: HistorySql,
    private readonly lines: Interface,
    private readonly io: Io,
    private readonly options: PromptOptions,
  ) {
    lines.on('close', () => (this.hasEnded = true));
  }

  /** Asks for the next line, unless the input has ended: what came before that is still heard, one after the other. */
  prompt(): void {
    // From Node.js 24 on it would throw.
    if (this.hasEnded) return;
    this.lines.setPrompt(this.waiting === '' ? FIRST : NEXT);
    this.lines.prompt();
  }

  /** False: that was the last word. */
  async hear(line: string): Promise<boolean> {
    const word = line.trim();
    if (this.waiting === '' && word.startsWith('.')) {
      if (word === '.quit' || word === '.exit') return false;
      await this.do(() => this.command(word));
    } else {
      this.waiting += `${line}\n`;
      if (ENDS_A_QUESTION.test(word)) await this.do(() => this.ask(this.waiting));
      else if (this.waiting.trim() === '') this.waiting = '';
    }
    this.prompt();
    return true;
  }

  /** Asks what no semicolon has ended. */
  async askRest(): Promise<void> {
    if (this.waiting !== '') await this.do(() => this.ask(this.waiting));
  }

  /** Ends what is being asked, or drops what was typed. */
  interrupt(): void {
    if (this.isAsking) {
      // DuckDB forgets an interruption that comes before the question runs: it is told again until the question has ended.
      this.interrupting ??= setInterval(() => this.sql.database.interrupt(), INTERRUPTED_EVERY);
      return;
    }
    this.waiting = '';
    this.io.out('\n');
    this.prompt();
  }

  close(): void {
    this.sql.close();
  }

  private async command(word: string): Promise<void> {
    const [name, argument = ''] = word.split(/\s+/);
    if (name === '.tables') return this.write(await this.sql.database.tables());
    if (name === '.schema') return this.describe(argument);
    if (name === '.refresh') {
      const before = this.sql;
      this.sql = await this.options.reopen();
      before.close();
      return this.io.out(`Now ${asOfText(this.sql.copy)}.\n`);
    }
    if (name === '.help') return this.io.out(HELP);
    this.io.err(`There is no ${name}; .help lists what there is.`);
  }

  private async describe(view: string): Promise<void> {
    if (!/^\w+$/.test(view)) return this.io.err('.schema names a view; .tables lists them.');
    await this.ask(`DESCRIBE ${view}`);
  }

  private async ask(sql: string): Promise<void> {
    await this.write(await this.sql.database.ask(sql));
  }

  private write(answer: SqlAnswer): Promise<void> {
    return this.options.write(answer, this.sql.copy, this.io);
  }

  private async do(work: () => Promise<void>): Promise<void> {
    this.isAsking = true;
    try {
      await work();
    } catch (error) {
      this.io.err((error as Error).message);
    } finally {
      if (this.interrupting) clearInterval(this.interrupting);
      this.interrupting = null;
      this.isAsking = false;
      this.waiting = '';
    }
  }
}
