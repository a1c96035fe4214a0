/**
 * The history of a shop with 1,000,000 events (`--events=<n>` for another number), which a generator writes through the event store:
 * how long an export takes from reading the store to the manifest, and what memory; how long the ten questions of docs/history.md
 * take, as commands in processes of their own; how long an order with 10,000 events as of any moment. Each beside what it costs at
 * least: bare DuckDB on the same file, the bare driver on the same stream.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyFolderOf } from '#src/history/columnar/columnar-copy';
import { withDuckDb } from '#src/history/columnar/duckdb';
import { openHistory } from '#src/history/source';
import { openHistorySql } from '#src/history/sql/history-sql';
import { AnalystShell, documentedQuestions } from '../support/documented-questions';
import { BARE_QUESTIONS } from './servers/bare-questions';
import { median, percentile, table } from './servers/child';
import { timeAsOf, writeLongOrder } from './servers/long-order';
import { writeLog } from './servers/recorded-log';
import { usageOf } from './servers/usage';
import { number, verdict } from './servers/verdict';

const ROOT = join(__dirname, '..', '..', '..');
const CLI = join(ROOT, 'dist', 'src', 'history', 'cli.js');
const ROUNDS = 20;
const ORDER_EVENTS = 10_000;
const AIM_EXPORT_SECONDS = 60;
const AIM_QUESTION_MS = 2_000;
const AIM_AS_OF_MS = 150;
const AIM_MB = 1_000;
const WATCHED_EVERY_MS = 100;

const COLUMNS = `{position: 'VARCHAR', stream: 'VARCHAR', revision: 'BIGINT', id: 'VARCHAR', recordedAt: 'TIMESTAMPTZ',
  type: 'VARCHAR', data: 'JSON', metadata: 'JSON'}`;

/** Bare DuckDB may take what it wants. */
const BARE = { memoryLimitMb: 4_000, threads: availableParallelism(), temporaryFolder: null };

interface Ran {
  readonly seconds: number;
  /** Of processor time: other work on the machine does not count. */
  readonly busy: number;
  /** The most that was seen. */
  readonly mb: number;
}

/** The command line, in a process of its own. */
async function history(folder: string, ...args: string[]): Promise<Ran> {
  const started = performance.now();
  const env = { ...process.env, DATA_DIR: folder, EVENTSTORE_URL: '' };
  const child = spawn(process.execPath, [CLI, 'history', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env });
  let most = 0;
  let busy = 0;
  const watch = setInterval(() => {
    if (child.exitCode !== null) return;
    const usage = usageOf(child.pid!);
    busy = usage.seconds;
    most = Math.max(most, usage.bytes);
  }, WATCHED_EVERY_MS);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(watch);
  if (code !== 0) throw new Error(`history ${args.join(' ')} ended with ${code}.`);
  return { seconds: (performance.now() - started) / 1_000, busy, mb: most / 1e6 };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function inRounds(work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < ROUNDS; n++) times.push(await timed(work));
  return times;
}

/** Seconds that bare DuckDB takes to write Parquet from the same events as NDJSON. */
const bareExport = (ndjson: string, parquet: string): Promise<number> =>
  withDuckDb(async (duck) => {
    const rows = `read_json('${ndjson}', format = 'newline_delimited', columns = ${COLUMNS})`;
    const copy = `COPY (SELECT * FROM ${rows}) TO '${parquet}' (FORMAT parquet, COMPRESSION zstd)`;
    return (await timed(() => duck.run(copy))) / 1_000;
  }, BARE);

/** Milliseconds of each question that is SQL, by its number: as written by hand, on one Parquet file. */
const bareQuestions = (parquet: string): Promise<Map<number, number[]>> =>
  withDuckDb(async (duck) => {
    await duck.run(`CREATE VIEW file AS SELECT * FROM '${parquet}'`);
    const times = new Map<number, number[]>();
    for (const [n, sql] of Object.entries(BARE_QUESTIONS))
      times.set(Number(n), await inRounds(() => duck.runAndReadAll(sql)));
    return times;
  }, BARE);

interface Asked {
  readonly name: string;
  /** Milliseconds of the whole command, with the start of its process. */
  readonly command: readonly number[];
  /** Where it is SQL: of the answer alone, as in the prompt. */
  readonly prompt: readonly number[] | null;
}

async function askAll(folder: string): Promise<Asked[]> {
  const { preparation, questions } = documentedQuestions(ROOT);
  const shellFolder = join(folder, 'analyst');
  mkdirSync(shellFolder);
  const shell = await AnalystShell.open({ folder: shellFolder, cli: CLI, dataDir: folder, preparation });
  const source = await openHistory({ dataDir: folder, eventStoreUrl: null });
  const { database, close } = await openHistorySql(source, { folder: copyFolderOf(folder) });
  const asked: Asked[] = [];
  for (const { name, command } of questions) {
    const times: number[] = [];
    for (let n = 0; n < ROUNDS; n++) {
      rmSync(join(shellFolder, 'new'), { recursive: true, force: true });
      times.push(await timed(() => shell.run(command)));
    }
    const [, sql] = /history sql "([^"]+)"/.exec(command) ?? [];
    const inPrompt = async () => {
      for await (const page of (await database.ask(sql!)).pages) void page;
    };
    asked.push({ name, command: times, prompt: sql === undefined ? null : await inRounds(inPrompt) });
  }
  close();
  await source.close();
  return asked;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { events: { type: 'string', default: '1000000' } } });
  const folder = mkdtempSync(join(tmpdir(), 'bench-history-'));
  try {
    await measure(folder, Number(values.events));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, wanted: number): Promise<void> {
  const written = await writeLog(folder, wanted);
  const order = await writeLongOrder(folder, ORDER_EVENTS);
  const events = written + ORDER_EVENTS;
  const parquetFile = join(folder, 'as-parquet', 'events.parquet');
  const parquet = await history(folder, 'export', '--format', 'parquet', '--out', join(folder, 'as-parquet'));
  const ndjson = await history(folder, 'export', '--format', 'ndjson', '--out', join(folder, 'as-ndjson'));
  const bare = await bareExport(join(folder, 'as-ndjson', 'events.ndjson'), join(folder, 'bare.parquet'));
  const copy = await history(folder, 'sql', 'SELECT 1');
  const again = await history(folder, 'sql', 'SELECT 1');
  const row = (what: string, { seconds, busy, mb }: Ran) => [
    what,
    ...[seconds, busy, events / seconds, mb].map(number),
  ];
  console.log(
    table(
      [`${number(events)} events`, 's', 'processor, s', 'events/s', 'most memory, MB'],
      [
        row('export to Parquet', parquet),
        row('export to NDJSON', ndjson),
        ['bare DuckDB: that NDJSON to Parquet', number(bare), '', number(events / bare), ''],
        row('first question in SQL, which makes the copy', copy),
        row('next question in SQL: SELECT 1', again),
      ],
    ),
  );

  const asked = await askAll(folder);
  const byHand = await bareQuestions(parquetFile);
  const rows = asked.map(({ name, command, prompt }, n) => [
    `${n + 1}. ${name}`,
    number(median(command)),
    number(percentile(command, 95)),
    prompt === null ? '' : number(median(prompt)),
    byHand.has(n + 1) ? number(median(byHand.get(n + 1)!)) : '',
  ]);
  const head = ['question', 'command, ms', 'p95, ms', 'in the prompt, ms', 'by hand in bare DuckDB, ms'];
  console.log(`\n${table(head, rows)}\n`);

  const { ours, bare: read } = await timeAsOf(folder, order, ORDER_EVENTS, 5 * ROUNDS);
  const timesRow = (what: string, times: readonly number[]) => [
    what,
    ...[median(times), percentile(times, 95), Math.max(...times)].map(number),
  ];
  console.log(
    table(
      [`an order with ${number(ORDER_EVENTS)} events`, 'median, ms', 'p95, ms', 'longest, ms'],
      [timesRow('as of any moment', ours), timesRow('bare driver: the events until then, parsed', read)],
    ),
  );

  console.log(`\nload average at the end: ${loadavg()[0]!.toFixed(1)}`);
  console.log(verdict('export to Parquet', parquet.seconds, { atMost: AIM_EXPORT_SECONDS, unit: ' s' }));
  console.log(verdict('most memory', Math.max(parquet.mb, ndjson.mb, copy.mb), { atMost: AIM_MB, unit: ' MB' }));
  const slowest = Math.max(...asked.map(({ command }) => percentile(command, 95)));
  console.log(verdict('slowest question, p95', slowest, { atMost: AIM_QUESTION_MS, unit: ' ms' }));
  console.log(verdict('order as of any moment, longest', Math.max(...ours), { atMost: AIM_AS_OF_MS, unit: ' ms' }));
}

void main();
