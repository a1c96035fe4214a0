import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refreshCopy } from '#src/history/columnar/columnar-copy';
import { filesOf } from '#src/history/columnar/copy-manifest';
import { openHistory } from '#src/history/source';
import { SqlDatabase } from '#src/history/sql/sql-database';
import type { SqlRefused } from '#src/history/sql/sql-refused';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { writeSampleLog } from './sample-log';

const dataDir = tempFolderOfThisFile();
const outside = tempFolderOfThisFile();
const folder = join(dataDir, 'history');
let database: SqlDatabase;
let files: string[];

beforeAll(async () => {
  await writeSampleLog(dataDir, 300);
  const source = await openHistory({ dataDir, eventStoreUrl: null });
  files = filesOf(folder, await refreshCopy(source, folder));
  const options = { memoryLimitMb: 64, threads: 1, temporaryFolder: null };
  database = await SqlDatabase.open({ files, registry: source.registry, ...options });
  await source.close();
  writeFileSync(join(outside, 'secret.csv'), 'a,b\n1,2\n');
});
afterAll(() => database.close());

async function ask(sql: string) {
  const { columns, pages } = await database.ask(sql);
  const rows: unknown[][] = [];
  for await (const page of pages) for (const row of page) rows.push([...row]);
  return { columns, rows };
}

const refusal = async (sql: string): Promise<string> => {
  try {
    await ask(sql);
  } catch (error) {
    return (error as SqlRefused).code;
  }
  return 'answered';
};

describe('SQL over the history', () => {
  it('answers what is asked, with the names and types of the columns', async () => {
    expect(
      await ask(`SELECT count(*) AS n, min(recorded_at) AS first, {'a': [1, NULL]} AS nested FROM events`),
    ).toEqual({
      columns: [
        { name: 'n', type: 'BIGINT' },
        { name: 'first', type: 'TIMESTAMP WITH TIME ZONE' },
        { name: 'nested', type: 'STRUCT("a" INTEGER[])' },
      ],
      rows: [[301, '2026-03-01T22:10:00.000Z', { a: [1, null] }]],
    });
  });

  it('gives numbers as long as they are exact, and times in UTC', async () => {
    const { rows } = await ask(`
      SELECT 9007199254740991, 9007199254740993, 10::HUGEINT, 1.25, TIMESTAMPTZ '2026-01-01 12:00:00.123456+02', DATE '2026-01-31'`);
    const expected = [9007199254740991, '9007199254740993', 10, 1.25, '2026-01-01T10:00:00.123456Z', '2026-01-31'];
    expect(rows).toEqual([expected]);
  });

  it('gives JSON as JSON', async () => {
    const { rows } = await ask(`SELECT data FROM events WHERE type = 'Happened1' ORDER BY seq LIMIT 1`);
    expect(rows[0]![0]).toMatchObject({ zeta: 1, '10': true });
  });

  it('can be interrupted', async () => {
    const endless = ask('SELECT sum(hash(range)) FROM range(1000000000000)');
    setTimeout(() => database.interrupt(), 100);
    await expect(endless).rejects.toMatchObject({ code: 'sql-timeout' });
    expect((await ask('SELECT 1')).rows).toEqual([[1]]);
  });
});

describe('SQL over the history refuses', () => {
  const secret = () => join(outside, 'secret.csv');
  const forbidden: [string, () => string][] = [
    ['a file, as text', () => `SELECT * FROM read_text('${secret()}')`],
    ['a file, as CSV', () => `SELECT * FROM read_csv('${secret()}')`],
    ['a file that is not of the copy, as Parquet', () => `SELECT * FROM read_parquet('${secret()}')`],
    ['the manifest beside the copy', () => `SELECT * FROM read_json('${folder}/manifest.json')`],
    ['the events in their own database', () => `SELECT * FROM read_blob('${dataDir}/events.db')`],
    ['a list of files', () => `SELECT * FROM glob('${outside}/*')`],
    ['a look into a file', () => `SELECT * FROM sniff_csv('${secret()}')`],
    ['the network', () => `SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')`],
    ['COPY to a file', () => `COPY (SELECT 1) TO '${outside}/out.csv'`],
    ['COPY under EXPLAIN ANALYZE', () => `EXPLAIN ANALYZE COPY (SELECT 1) TO '${outside}/out.csv'`],
    ['EXPORT', () => `EXPORT DATABASE '${outside}/all'`],
    ['IMPORT', () => `IMPORT DATABASE '${outside}'`],
    ['ATTACH', () => `ATTACH '${outside}/x.db' AS x`],
    ['INSTALL', () => 'INSTALL httpfs'],
    ['LOAD', () => 'LOAD httpfs'],
    ['SET', () => 'SET threads = 8'],
    ['SET of what locks it', () => 'SET enable_external_access = true'],
    ['RESET', () => 'RESET memory_limit'],
    ['PRAGMA', () => 'PRAGMA threads = 8'],
    ['CALL', () => 'CALL pragma_version()'],
    ['USE', () => 'USE memory'],
    ['PREPARE', () => 'PREPARE a AS SELECT 1'],
    ['CREATE', () => 'CREATE TABLE x (a INTEGER)'],
    ['another view in the place of one', () => 'CREATE OR REPLACE VIEW events AS SELECT 1'],
    ['DROP', () => 'DROP VIEW events'],
    ['several statements', () => 'SELECT 1; SELECT 2'],
    ['a SELECT with something after it', () => 'SELECT 1; DROP VIEW events'],
  ];
  it.each(forbidden)('%s', async (_, sql) => {
    expect(await refusal(sql())).toBe('sql-not-allowed');
    expect(readdirSync(outside)).toEqual(['secret.csv']);
    expect((await ask('SELECT count(*) FROM events')).rows).toEqual([[301]]);
  });

  it('what is no SQL, or names nothing that there is', async () => {
    for (const sql of [
      '',
      ' ; -- nothing',
      'selec 1',
      'SELECT nope FROM events',
      'SELECT * FROM nowhere',
      `SELECT getenv('HOME')`,
    ])
      expect([sql, await refusal(sql)]).toEqual([sql, 'sql-invalid']);
    expect(await refusal(`SELECT CAST('x' AS INTEGER)`)).toBe('sql-failed');
  });

  it('what needs more memory than it may have', async () => {
    const sql = 'SELECT count(DISTINCT hash(range) || repeat(range::VARCHAR, 20)) FROM range(3000000)';
    expect(await refusal(sql)).toBe('sql-too-much-memory');
    expect(existsSync(join(folder, 'spilled'))).toBe(false);
  });
});
