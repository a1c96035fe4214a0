import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refreshCopy } from '#src/history/columnar/columnar-copy';
import { filesOf } from '#src/history/columnar/copy-manifest';
import { withDuckDb } from '#src/history/columnar/duckdb';
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
    ['EXECUTE', () => 'EXECUTE a'],
    ['a PRAGMA that answers', () => 'PRAGMA database_list'],
    ['VACUUM', () => 'VACUUM'],
    ['CHECKPOINT', () => 'CHECKPOINT'],
    ['INSERT', () => 'INSERT INTO events SELECT * FROM events'],
    ['a secret', () => `CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')`],
    ['several statements behind a comment', () => 'SELECT 1 --;\n; SELECT /* ; */ 2'],
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
      'SELECT nothing_of_the_kind(1)',
      `SELECT * FROM '${secret()}'`,
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

/** What tells of the database, the machine or its files, and not of the history. */
const FACTS: readonly string[] = [
  'FROM duckdb_settings()',
  'FROM DuckDB_Settings()',
  'FROM "duckdb_settings"()',
  'SELECT/**/value FROM duckdb_settings/* --*/()--',
  'FROM system.main.duckdb_settings()',
  'SELECT (SELECT max(value) FROM duckdb_settings())',
  'WITH s AS (FROM duckdb_settings()) FROM s',
  'FROM events, LATERAL (FROM duckdb_settings()) s',
  'SELECT 1 UNION ALL SELECT 2 WHERE EXISTS (FROM duckdb_settings())',
  'PIVOT duckdb_settings() ON name IN (threads)',
  'DESCRIBE FROM duckdb_settings()',
  'SUMMARIZE FROM duckdb_settings()',
  'FROM duckdb_extensions()',
  'FROM duckdb_secrets()',
  'FROM duckdb_databases()',
  'FROM duckdb_databases',
  'FROM duckdb_views()',
  'FROM duckdb_views',
  'FROM main.duckdb_views',
  'WITH duckdb_views AS (SELECT 1) FROM duckdb_views',
  'FROM (WITH duckdb_views AS (SELECT 1) FROM duckdb_views) a, (FROM duckdb_views) b',
  'FROM pragma_database_list',
  'FROM sqlite_master',
  'FROM pg_views',
  'FROM pg_catalog.pg_views',
  'FROM pg_settings',
  'FROM information_schema.views',
  'FROM memory.information_schema.tables',
  'FROM duckdb_memory()',
  'FROM duckdb_logs',
  'FROM pragma_version()',
  'FROM pragma_platform()',
  'FROM pragma_user_agent()',
  'FROM parquet_metadata(1)',
  `FROM glob('*')`,
  `SELECT 1 WHERE 'x' IN (SELECT file FROM glob('*'))`,
  `FROM read_blob('events.db')`,
  `FROM query('FROM duckdb_settings()')`,
  `FROM query_table('duckdb_views')`,
  `FROM json_execute_serialized_sql(json_serialize_sql('FROM duckdb_settings()'))`,
  `SELECT json_serialize_plan('SELECT current_setting(''temp_directory'')')`,
  `SELECT current_setting('temp_directory')`,
  `SELECT CURRENT_SETTING('memory_limit')`,
  `SELECT main.current_setting('threads')`,
  `SELECT list_transform([1], x -> current_setting('threads'))`,
  `SELECT ('threads').current_setting()`,
  `SELECT getenv('HOME')`,
  'SELECT version()',
  'SELECT pg_get_viewdef(1)',
  'SHOW DATABASES',
  'SHOW ALL TABLES',
];

describe('SQL over the history tells nothing of the server', () => {
  it.each(FACTS)('%s', async (sql) => {
    const { code, message } = (await ask(sql).catch((error: unknown) => error)) as SqlRefused;
    expect(code).toBe('sql-not-allowed');
    expect(message).not.toContain(dataDir);
  });

  it('by any macro of DuckDB that reads more than its arguments', async () => {
    const macros = await withDuckDb(async (connection) => {
      const found = await connection.runAndReadAll(`
        SELECT DISTINCT function_name FROM duckdb_functions()
        WHERE function_type = 'macro' AND internal AND macro_definition ILIKE '%SELECT%'`);
      return found.getRowsJson().map(([name]) => String(name));
    });
    expect(macros).toContain('pg_get_viewdef');
    for (const name of macros) expect([name, await refusal(`SELECT ${name}(1)`)]).toEqual([name, 'sql-not-allowed']);
  });

  it('when it fails', async () => {
    for (const sql of ['SELECT * FROM evnts', `SELECT * FROM '${folder}'`, 'SELECT nope FROM events']) {
      const { message } = (await ask(sql).catch((error: unknown) => error)) as SqlRefused;
      expect(message.replaceAll(folder, '')).not.toMatch(/duckdb_|\.parquet|[/]/);
    }
  });
});

describe('SQL over the history answers', () => {
  it.each([
    ['WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT count(*) FROM n', 3],
    ['SELECT count(*) FROM main.events AS e JOIN (SELECT DISTINCT type FROM EVENTS) USING (type)', 301],
    ['SELECT count(*) FROM range(3), generate_series(1, 2), unnest([1, 2])', 12],
    [`SELECT count(*) FROM events, json_each(data) WHERE events.type = 'Happened1' AND seq < 10`, 8],
    ['SELECT count(*) FROM orders_as_of(now()) FULL JOIN orders USING (order_id)', 0],
    ['FROM (VALUES (1), (2)) AS v(a) SELECT sum(a) OVER () LIMIT 1', 3],
    [`SELECT count(*) FROM (PIVOT events ON actor_kind IN ('guest', 'system') USING count(*) GROUP BY type)`, 5],
    [`SELECT count(*) FROM (SHOW TABLES) WHERE name = 'events'`, 1],
    [`SELECT count(*) FROM (DESCRIBE events) WHERE column_name = 'type'`, 1],
  ])('%s', async (sql, expected) => {
    expect((await ask(sql)).rows).toEqual([[expected]]);
  });
});
