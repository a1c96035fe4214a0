import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runHistory } from '#src/history/cli/run-history';
import { allCommands } from '#src/history/commands/all-commands';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { tempFolder } from '../support/temp-folder';
import { history } from './command-line';
import { writeSampleLog } from './sample-log';

let folder: string;
let events: number;
beforeEach(async () => {
  folder = tempFolder();
  events = await writeSampleLog(folder, 30);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A dialogue whose lines were written before it began. */
const told = (...lines: string[]) =>
  history(folder, ['sql'], { isTerminal: true, input: lines.map((line) => `${line}\n`).join('') });

const AS_OF = /\((\d+) rows?, as of (\d{20}\/\d{20}) \(\d{4}-\d\d-\d\dT[\d:.]+Z\)\)/g;
const answersIn = (out: string) => [...out.matchAll(AS_OF)].map(([, rows, position]) => ({ rows, position }));

/** A person at a terminal: types, and reads what comes. */
class Person {
  private readonly keyboard = Object.assign(new PassThrough(), { isTTY: true });
  private seen = '';
  private looked = (): void => undefined;
  readonly status: Promise<number>;

  constructor(dataDir: string) {
    const screen = () => {
      const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
      return stream.on('data', (chunk: Buffer) => {
        this.seen += chunk.toString();
        this.looked();
      });
    };
    const process = { env: { DATA_DIR: dataDir }, stdin: this.keyboard, stdout: screen(), stderr: screen() };
    this.status = runHistory(allCommands, ['sql'], process);
  }

  type(keys: string): void {
    this.keyboard.write(keys);
  }

  /** Resolves when the text has come to the screen since the last time. */
  async reads(text: RegExp): Promise<void> {
    while (this.seen.match(text) === null) await new Promise<void>((resolve) => (this.looked = resolve));
    this.seen = '';
  }
}

const ENTER = '\r';
const UP = '\u001b[A';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

describe('the prompt of chronocart history sql', () => {
  it('says at once what it is as of, and with each answer', async () => {
    const { status, out } = await told('SELECT 1;', '.tables', '.schema events', 'SELECT count(*) FROM events;');
    expect(status).toBe(0);
    const [, position] = /SQL over the history, as of (\S+)/.exec(out)!;
    expect(answersIn(out).map((answer) => answer.position)).toEqual(Array(4).fill(position));
    expect(out).toMatch(new RegExp(`^ *${events}$`, 'm'));
  });

  it('takes a question of several lines, up to the semicolon', async () => {
    const { out, err } = await told('SELECT type', '', '  FROM events', "WHERE type = 'StoreIdentified'", ';');
    expect(answersIn(out)).toMatchObject([{ rows: '1' }]);
    expect(out).toContain('StoreIdentified');
    expect(err).not.toMatch(/error/i);
  });

  it('takes a question that ends with a semicolon and a comment', async () => {
    const { out } = await told('SELECT 41 + 1 AS n; -- note', '.quit');
    expect(answersIn(out)).toHaveLength(1);
  });

  it('goes on after a question that has no answer', async () => {
    const { status, out, err } = await told('SELECT nope FROM events;', 'DROP VIEW events;', 'SELECT 1;');
    expect(status).toBe(0);
    expect(err).toMatch(/nope/);
    expect(err).toMatch(/Only SELECT is answered/);
    expect(answersIn(out)).toHaveLength(1);
  });

  it('answers what is not ended by a semicolon when the lines end', async () => {
    const { out } = await history(folder, ['sql'], { isTerminal: true, input: 'SELECT type\nFROM events LIMIT 2' });
    expect(answersIn(out)).toMatchObject([{ rows: '2' }]);
  });

  it('lists views and functions, and the columns of one', async () => {
    const { out } = await told('.tables', '.schema orders');
    expect(out).toMatch(/^orders +view$/m);
    expect(out).toMatch(/^orders_as_of\(moment\) +as of a moment$/m);
    expect(out).toMatch(/^total_minor +BIGINT/m);
  });

  it('says what it knows when it is asked, or does not know a word', async () => {
    const help = /\.schema <view> +columns of a view/g;
    expect((await told('.help')).out.match(help)).toHaveLength(1);
    const { out, err } = await told('.nonsense', '.schema', '.schema nowhere', 'SELECT 1;');
    expect(err).toMatch(/There is no \.nonsense/);
    expect(err).toMatch(/\.schema names a view/);
    expect(err).toMatch(/nowhere/);
    expect(answersIn(out)).toHaveLength(1);
  });

  it.each(['.quit', '.exit'])('hears nothing after %s', async (word) => {
    const { status, out } = await told('SELECT 1;', word, 'SELECT 2;');
    expect([status, answersIn(out).length]).toEqual([0, 1]);
  });

  it('takes in what was recorded since, when it is told to', async () => {
    const person = new Person(folder);
    await person.reads(/history> /);
    const store = await SqliteEventStore.open({ file: join(folder, 'events.db') });
    const [last] = await store.readAll({ direction: 'backwards', limit: 1 });
    const { type, data, metadata } = last!;
    await store.append(last!.stream, last!.revision, [
      { id: '018f2b6e-7a61-7c3d-8e4f-0123456789ff', type, data, metadata },
    ]);
    await store.close();
    person.type(`SELECT count(*) AS n FROM events;${ENTER}`);
    await person.reads(new RegExp(`\\n *${events}\\r?\\n`));
    person.type(`.refresh${ENTER}`);
    await person.reads(/Now as of \d{20}/);
    person.type(`SELECT count(*) AS n FROM events;${ENTER}`);
    await person.reads(new RegExp(`\\n *${events + 1}\\r?\\n`));
    person.type(CTRL_D);
    expect(await person.status).toBe(0);
  });

  it('remembers for the next time what was asked', async () => {
    const first = new Person(folder);
    await first.reads(/history> /);
    first.type(`SELECT 41 + 1;${ENTER}`);
    await first.reads(/\n *42\r?\n/);
    first.type(CTRL_D);
    await first.status;
    expect(readFileSync(join(folder, 'history', 'sql-history'), 'utf8')).toContain('SELECT 41 + 1;');
    const second = new Person(folder);
    await second.reads(/history> /);
    second.type(`${UP}${ENTER}`);
    await second.reads(/\n *42\r?\n/);
    second.type(CTRL_D);
    expect(await second.status).toBe(0);
  });

  it('keeps nothing of lines that nobody typed', async () => {
    await told('SELECT 1;');
    expect(existsSync(join(folder, 'history', 'sql-history'))).toBe(false);
  });

  it('ends a question that takes too long, or drops half of one, when it is interrupted', async () => {
    const person = new Person(folder);
    await person.reads(/history> /);
    person.type(`SELECT count(*) FROM range(1000000) a, range(1000000) b, range(1000) c;${ENTER}`);
    const impatience = setInterval(() => person.type(CTRL_C), 100);
    await person.reads(/interrupted/i);
    clearInterval(impatience);
    person.type(`SELECT nonsense${ENTER}`);
    await person.reads(/\.\.\.> /);
    person.type(CTRL_C);
    await person.reads(/history> /);
    person.type(`SELECT 40 + 2;${ENTER}`);
    await person.reads(/\n *42\r?\n/);
    person.type(CTRL_D);
    expect(await person.status).toBe(0);
  });
});
