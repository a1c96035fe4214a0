/**
 * The history of a shop with 1,000,000 events (`--events=<n>` for another number): how long an export to Parquet takes from reading
 * the store to the manifest, and what memory; how long questions in SQL take; each beside bare DuckDB on the same file.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyFolderOf } from '#src/history/columnar/columnar-copy';
import { withDuckDb } from '#src/history/columnar/duckdb';
import { openHistory } from '#src/history/source';
import { openHistorySql } from '#src/history/sql/history-sql';
import { median, percentile, table } from './servers/child';
import { residentMemory } from './servers/main-process';
import { writeLog } from './servers/recorded-log';
import { number, verdict } from './servers/verdict';

const CLI = join(__dirname, '..', '..', 'src', 'history', 'cli.js');
const ROUNDS = 10;
const AIM_EXPORT_SECONDS = 60;
const AIM_QUESTION_MS = 2_000;
const AIM_MB = 1_000;
const WATCHED_EVERY_MS = 50;

const QUESTIONS: Readonly<Record<string, string>> = {
  'events by type': 'SELECT type, count(*) FROM events GROUP BY type',
  'orders by status': 'SELECT status, payment, count(*), sum(total_minor) FROM orders GROUP BY ALL',
  'sales by day': `SELECT date_trunc('day', received_at) AS day, currency, sum(total_minor) FROM orders GROUP BY ALL`,
  'sales by category': `SELECT category, sum(line_total_minor) FROM order_lines JOIN products USING (product_id) GROUP BY ALL`,
  'best sellers': 'SELECT sku, name, sum(quantity) AS n FROM order_lines GROUP BY ALL ORDER BY n DESC LIMIT 20',
  'time to confirmation': `SELECT quantile_cont(epoch(confirmed_at - received_at), [0.5, 0.95]) FROM orders`,
  'stock that runs out': 'SELECT * FROM stock WHERE available < 5 ORDER BY available LIMIT 50',
  'stock movements by kind': 'SELECT kind, count(*), sum(on_hand_change) FROM stock_movements GROUP BY ALL',
  'carts left behind': 'SELECT count(*), sum(items_minor) FROM carts WHERE lines > 0',
  'orders as of half-way': `SELECT status, count(*) FROM orders_as_of(
    (SELECT recorded_at FROM events ORDER BY seq LIMIT 1 OFFSET (SELECT count(*) // 2 FROM events))) GROUP BY ALL`,
};

const COLUMNS = `{position: 'VARCHAR', stream: 'VARCHAR', revision: 'BIGINT', id: 'VARCHAR', recordedAt: 'TIMESTAMPTZ',
  type: 'VARCHAR', data: 'JSON', metadata: 'JSON'}`;

interface Ran {
  readonly seconds: number;
  /** The most that was seen. */
  readonly mb: number;
}

/** The command line, in a process of its own. */
async function history(folder: string, ...args: string[]): Promise<Ran> {
  const started = performance.now();
  const env = { ...process.env, DATA_DIR: folder, EVENTSTORE_URL: '' };
  const child = spawn(process.execPath, [CLI, 'history', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env });
  let most = 0;
  const watch = setInterval(() => {
    if (child.exitCode === null) most = Math.max(most, residentMemory(child.pid!));
  }, WATCHED_EVERY_MS);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(watch);
  if (code !== 0) throw new Error(`history ${args.join(' ')} ended with ${code}.`);
  return { seconds: (performance.now() - started) / 1_000, mb: most / 1e6 };
}

/** How long bare DuckDB takes to write the same rows from NDJSON, and to count them. */
async function bareDuckDb(ndjson: string, parquet: string) {
  return withDuckDb(async (duck) => {
    const timed = async (sql: string) => {
      const started = performance.now();
      await duck.runAndReadAll(sql);
      return performance.now() - started;
    };
    const write = await timed(
      `COPY (SELECT * FROM read_json('${ndjson}', format = 'newline_delimited', columns = ${COLUMNS})) TO '${parquet}' (FORMAT parquet, COMPRESSION zstd)`,
    );
    const counts = [];
    for (let n = 0; n < ROUNDS; n++) counts.push(await timed(`SELECT type, count(*) FROM '${parquet}' GROUP BY type`));
    return { writeSeconds: write / 1_000, countMs: median(counts) };
  });
}

async function questions(folder: string): Promise<[string, number, number][]> {
  const source = await openHistory({ dataDir: folder, eventStoreUrl: null });
  const { database } = await openHistorySql(source, { folder: copyFolderOf(folder) });
  const asked: [string, number, number][] = [];
  for (const [name, sql] of Object.entries(QUESTIONS)) {
    const times: number[] = [];
    for (let n = 0; n < ROUNDS; n++) {
      const started = performance.now();
      for await (const page of (await database.ask(sql)).pages) void page;
      times.push(performance.now() - started);
    }
    asked.push([name, median(times), percentile(times, 95)]);
  }
  database.close();
  await source.close();
  return asked;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { events: { type: 'string', default: '1000000' } } });
  const folder = mkdtempSync(join(tmpdir(), 'bench-history-'));
  const events = await writeLog(folder, Number(values.events));
  const parquet = await history(folder, 'export', '--format', 'parquet', '--out', join(folder, 'as-parquet'));
  const ndjson = await history(folder, 'export', '--format', 'ndjson', '--out', join(folder, 'as-ndjson'));
  const bare = await bareDuckDb(join(folder, 'as-ndjson', 'events.ndjson'), join(folder, 'bare.parquet'));
  const copy = await history(folder, 'sql', 'SELECT 1');
  const again = await history(folder, 'sql', 'SELECT 1');
  const asked = await questions(folder);
  rmSync(folder, { recursive: true, force: true });

  const row = (what: string, { seconds, mb }: Ran) => [what, seconds.toFixed(1), number(events / seconds), number(mb)];
  console.log(
    table(
      [`${number(events)} events`, 's', 'events/s', 'most memory, MB'],
      [
        row('export to Parquet', parquet),
        row('export to NDJSON', ndjson),
        ['bare DuckDB: that NDJSON to Parquet', bare.writeSeconds.toFixed(1), number(events / bare.writeSeconds), ''],
        row('first question in SQL, which makes the copy', copy),
        row('next question in SQL', again),
      ],
    ),
  );
  console.log();
  const rows = asked.map(([name, middle, p95]) => [name, number(middle), number(p95)]);
  console.log(
    table(['question', 'median, ms', 'p95, ms'], [...rows, ['bare DuckDB: events by type', number(bare.countMs), '']]),
  );
  console.log(`\n${verdict('export to Parquet', parquet.seconds, { atMost: AIM_EXPORT_SECONDS, unit: ' s' })}`);
  console.log(verdict('most memory', Math.max(parquet.mb, ndjson.mb, copy.mb), { atMost: AIM_MB, unit: ' MB' }));
  const slowest = Math.max(...asked.map(([, , p95]) => p95));
  console.log(verdict('slowest question, p95', slowest, { atMost: AIM_QUESTION_MS, unit: ' ms' }));
}

void main();
