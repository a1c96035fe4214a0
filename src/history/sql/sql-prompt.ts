import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Io } from '../cli/io';
import type { AnswerWriter } from './answer-writers';
import { asOfText, type HistorySql } from './history-sql';

export interface PromptOptions {
  /** Where what was asked is kept for the next time. */
  readonly folder: string;
  readonly write: AnswerWriter;
  /** Brings the copy up to date. */
  readonly reopen: () => Promise<HistorySql>;
}

const REMEMBERED = 500;
const FIRST = 'history> ';
const NEXT = '     ...> ';

const HELP = `Ask in SQL and end with ;   Ctrl-C ends a question that takes too long.
.tables            names of the views and functions
.schema <view>     columns of a view
.refresh           takes in what was recorded since
.quit              ends (so does Ctrl-D)
`;

const TABLES = `
  SELECT table_name AS name, 'view' AS kind FROM duckdb_columns() WHERE NOT internal GROUP BY ALL
  UNION ALL SELECT function_name || '(moment)', 'as of a moment' FROM duckdb_functions()
  WHERE function_type = 'table_macro' AND NOT internal ORDER BY kind DESC, name`;

/** A dialogue: questions in SQL, and a few words that begin with a dot. It ends with `.quit` or the end of the input. */
export async function promptForSql(first: HistorySql, io: Io, options: PromptOptions): Promise<void> {
  const kept = join(options.folder, 'sql-history');
  const history = existsSync(kept) ? readFileSync(kept, 'utf8').split('\n').filter(Boolean) : [];
  const lines = createInterface({
    input: io.input,
    output: process.stdout,
    history,
    historySize: REMEMBERED,
    prompt: FIRST,
  });
  lines.on('history', (remembered) => writeFileSync(kept, remembered.join('\n'), { mode: 0o600 }));
  io.out(`SQL over the history, ${asOfText(first.copy)}. .help says more.\n`);
  const dialogue = new Dialogue(first, lines, io, options);
  lines.on('SIGINT', () => dialogue.interrupt());
  lines.prompt();
  for await (const line of lines) if (!(await dialogue.hear(line))) break;
  lines.close();
  dialogue.close();
}

class Dialogue {
  private waiting = '';
  private isAsking = false;

  constructor(
    private sql: HistorySql,
    private readonly lines: Interface,
    private readonly io: Io,
    private readonly options: PromptOptions,
  ) {}

  /** False: that was the last word. */
  async hear(line: string): Promise<boolean> {
    const word = line.trim();
    if (this.waiting === '' && word.startsWith('.')) {
      if (word === '.quit' || word === '.exit') return false;
      await this.do(() => this.command(word));
    } else {
      this.waiting += `${line}\n`;
      if (word.endsWith(';')) await this.do(() => this.ask(this.waiting));
      else if (this.waiting.trim() === '') this.waiting = '';
    }
    this.lines.setPrompt(this.waiting === '' ? FIRST : NEXT);
    this.lines.prompt();
    return true;
  }

  /** Ends what is being asked, or drops what was typed. */
  interrupt(): void {
    if (this.isAsking) return this.sql.database.interrupt();
    this.waiting = '';
    this.io.out('\n');
    this.lines.setPrompt(FIRST);
    this.lines.prompt();
  }

  close(): void {
    this.sql.database.close();
  }

  private async command(word: string): Promise<void> {
    const [name, argument = ''] = word.split(/\s+/);
    if (name === '.tables') return this.ask(TABLES);
    if (name === '.schema') return this.ask(`DESCRIBE ${argument.replaceAll(/[^\w]/g, '')}`);
    if (name === '.refresh') {
      const before = this.sql;
      this.sql = await this.options.reopen();
      before.database.close();
      return this.io.out(`Now ${asOfText(this.sql.copy)}.\n`);
    }
    this.io.out(HELP);
  }

  private async ask(sql: string): Promise<void> {
    await this.options.write(await this.sql.database.ask(sql), this.sql.copy, this.io);
  }

  private async do(work: () => Promise<void>): Promise<void> {
    this.isAsking = true;
    try {
      await work();
    } catch (error) {
      this.io.err((error as Error).message);
    } finally {
      this.isAsking = false;
      this.waiting = '';
    }
  }
}
