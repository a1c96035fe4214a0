import { Global, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { CopyRefresher } from '#src/history/columnar/copy-refresher';
import { SqlController } from '#src/history/sql/sql.controller';
import { SqlDesk, type SqlLimits } from '#src/history/sql/sql-desk';
import { SystemClock } from '#src/kernel/clock';
import { createHttpApp } from '#src/kernel/http/http-app';
import { HttpServices } from '#src/kernel/http/services';
import { Secrets } from '#src/kernel/secrets';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { STORE_ID, writeSampleLog } from '../history/sample-log';

const DIST = join(__dirname, '..', '..', 'dist', 'src', 'history');
const LIMITS: SqlLimits = {
  timeoutMs: 1_200,
  memoryLimitMb: 100,
  mostRows: 1_000,
  mostBytes: 200_000,
  atOnce: 2,
  freshWithinMs: 20_000,
};

const dataDir = tempFolderOfThisFile();
let app: NestFastifyApplication;
let url: string;

beforeAll(async () => {
  await writeSampleLog(dataDir, 300);
  const place = { dataDir, eventStoreUrl: null };
  const refresher = new CopyRefresher(place, join(DIST, 'columnar', 'refresh-process.js'));
  const desk = new SqlDesk(refresher, LIMITS, join(DIST, 'sql', 'sql-process.js'));
  const secrets = Secrets.from('0f3a9c51d7e28b6440fa1b9cde5573aa81');
  const services = new HttpServices(STORE_ID, secrets, new SystemClock(), () => Promise.resolve(null));

  @Global()
  @Module({ providers: [{ provide: HttpServices, useValue: services }], exports: [HttpServices] })
  class Services {}

  @Module({
    imports: [Services],
    controllers: [SqlController],
    providers: [
      { provide: CopyRefresher, useValue: refresher },
      { provide: SqlDesk, useValue: desk },
    ],
  })
  class Analysts {}

  app = await createHttpApp(
    Analysts,
    { bodyLimit: 100_000, publicUrl: 'http://localhost' },
    { nest: { logger: false } },
  );
  await app.listen(0, '127.0.0.1');
  url = `${await app.getUrl()}/api/history/sql`;
}, 30_000);
afterAll(() => app.close());

const post = (sql: string, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ sql }),
  });

interface Body {
  readonly code: string;
  readonly rows: unknown[][];
  readonly detail: string;
}

async function ask(sql: string) {
  const response = await post(sql);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}

async function stream(sql: string): Promise<unknown[]> {
  const text = await (await post(sql, { accept: 'application/x-ndjson' })).text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

const ENDLESS = 'SELECT sum(hash(range)) FROM range(1000000000000)';

describe('POST /api/history/sql', () => {
  it('answers a SELECT, and says what it is as of', async () => {
    const { status, body } = await ask('SELECT count(*) AS events, max(seq) AS last FROM events');
    expect(status).toBe(200);
    expect(body).toEqual({
      asOf: { position: expect.any(String), recordedAt: expect.any(String), eventId: expect.any(String) },
      columns: [
        { name: 'events', type: 'BIGINT' },
        { name: 'last', type: 'BIGINT' },
      ],
      rows: [[301, 301]],
    });
  });

  it('streams rows as NDJSON, with a line that says that all were there', async () => {
    const [first, ...rest] = await stream('SELECT seq FROM events ORDER BY seq');
    expect(first).toMatchObject({ columns: [{ name: 'seq', type: 'BIGINT' }] });
    expect(rest).toEqual([...Array.from({ length: 301 }, (_, n) => [n + 1]), { end: 301 }]);
  });

  it.each([
    [403, 'sql-not-allowed', `SELECT * FROM read_text('/etc/passwd')`],
    [403, 'sql-not-allowed', `COPY (SELECT 1) TO 'chronocart-out.csv'`],
    [403, 'sql-not-allowed', `ATTACH 'chronocart-x.db'`],
    [403, 'sql-not-allowed', 'INSTALL httpfs'],
    [403, 'sql-not-allowed', 'LOAD httpfs'],
    [403, 'sql-not-allowed', "SET memory_limit = '10GB'"],
    [403, 'sql-not-allowed', 'PRAGMA threads = 8'],
    [403, 'sql-not-allowed', 'SELECT 1; SELECT 2'],
    [403, 'sql-not-allowed', 'FROM duckdb_settings()'],
    [403, 'sql-not-allowed', 'FROM duckdb_extensions()'],
    [403, 'sql-not-allowed', 'FROM duckdb_secrets()'],
    [403, 'sql-not-allowed', 'PRAGMA database_list'],
    [403, 'sql-not-allowed', 'CALL pragma_version()'],
    [403, 'sql-not-allowed', `SELECT current_setting('temp_directory')`],
    [403, 'sql-not-allowed', `SELECT getenv('SHOP_SECRET')`],
    [403, 'sql-not-allowed', `FROM glob('/*')`],
    [403, 'sql-not-allowed', `FROM read_blob('/etc/passwd')`],
    [403, 'sql-not-allowed', `EXPORT DATABASE 'x'`],
    [403, 'sql-not-allowed', 'PREPARE a AS SELECT 1'],
    [403, 'sql-not-allowed', 'SELECT 1 /* ; */; /* ; */ SELECT 2'],
    [400, 'sql-invalid', 'SELECT nothing FROM nowhere'],
    [400, 'sql-invalid', '-- SELECT 1'],
    [422, 'sql-failed', `SELECT CAST('x' AS INTEGER)`],
    [422, 'sql-too-much-memory', 'SELECT count(DISTINCT repeat(range::VARCHAR, 20)) FROM range(5000000)'],
    [422, 'sql-result-too-large', 'SELECT range FROM range(1001)'],
    [422, 'sql-result-too-large', `SELECT repeat('x', 1000) FROM range(500)`],
  ])('refuses with %i %s: %s', async (status, code, sql) => {
    const answer = await ask(sql);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.detail).toEqual(expect.any(String));
    expect((await ask('SELECT 1')).body.rows).toEqual([[1]]);
  });

  it.each([
    ['one huge text', `SELECT repeat('x', 1000000000)`],
    ['a text that is larger than the answer may be', `SELECT repeat('x', 1000000)`],
    ['a huge text of many', `SELECT length(string_agg(repeat('x', 1000000), '')) FROM range(1000)`],
    ['many huge texts', `SELECT repeat('x', 10000000) FROM range(1000)`],
    ['a huge list', 'SELECT list(a.seq * b.seq + c.seq) FROM events a, events b, events c'],
    ['a huge answer', 'SELECT a.data FROM events a, events b, events c'],
    ['a sum of 9,000 numbers', `SELECT ${'1+'.repeat(9_000)}1`],
    ['4,900 conditions', `SELECT ${'NOT '.repeat(4_900)}true`],
    ['lists in 9,000 others', `SELECT ${'['.repeat(9_000)}1${']'.repeat(9_000)}`],
    ['questions in 1,500 others', `SELECT ${'(SELECT '.repeat(1_500)}1${')'.repeat(1_500)}`],
  ])('refuses %s, and answers the next one', async (_, sql) => {
    const { status, body } = await ask(sql);
    expect([status, body]).toEqual([status, expect.objectContaining({ detail: expect.any(String) })]);
    expect([400, 422]).toContain(status);
    expect((await ask('SELECT 1')).body.rows).toEqual([[1]]);
  });

  it('ends a question that never ends, and answers the next one', async () => {
    for (const sql of [
      ENDLESS,
      'SELECT count(*) FROM events a, events b, events c, events d, events e',
      'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT 1 - i FROM n) SELECT max(i) FROM n',
    ]) {
      const { status, body } = await ask(sql);
      expect([status, body.code]).toEqual([422, 'sql-timeout']);
      expect((await ask('SELECT 1')).body.rows).toEqual([[1]]);
    }
  }, 60_000);

  it('says that it is worth another try when the process that answers was killed, as by who is short of memory', async () => {
    const asked = ask(ENDLESS);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const children = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'sql-process'], { encoding: 'utf8' });
    for (const pid of children.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
    const { status, headers, body } = await asked;
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'history-unavailable', '5']);
    expect((await ask('SELECT 1')).body.rows).toEqual([[1]]);
  });

  it('says in the last line of a stream that it was cut short', async () => {
    const lines = await stream('SELECT range FROM range(100000)');
    expect(lines.at(-1)).toMatchObject({ problem: { code: 'sql-result-too-large' } });
  });

  it('answers only so many at once', async () => {
    const endless = [ask(ENDLESS), ask(ENDLESS)];
    await new Promise((resolve) => setTimeout(resolve, 300));
    const third = await ask('SELECT 1');
    expect([third.status, third.body.code]).toEqual([503, 'sql-busy']);
    expect(third.headers.get('retry-after')).toBe('1');
    for (const each of await Promise.all(endless)) expect(each.body.code).toBe('sql-timeout');
    expect((await ask('SELECT 1')).status).toBe(200);
  });

  it('lets a question go when whoever asked has gone', async () => {
    const leaving = new AbortController();
    const sql = "SELECT range, repeat('x', 100) FROM range(1000)";
    for (let n = 0; n < 4; n++) {
      const response = await fetch(url, {
        method: 'POST',
        signal: leaving.signal,
        headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
        body: JSON.stringify({ sql }),
      }).catch(() => null);
      await response?.body?.cancel();
    }
    leaving.abort();
    await new Promise((resolve) => setTimeout(resolve, LIMITS.timeoutMs + 300));
    expect((await ask('SELECT 1')).status).toBe(200);
  });
});
