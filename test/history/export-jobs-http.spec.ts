import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '#src/kernel/ids';
import { tempFolder, tempFolderOfThisFile } from '../support/temp-folder';
import { type AnalystShop, startAnalystShop, untilState } from './analyst-shop';
import { history } from './command-line';

const folder = tempFolderOfThisFile();
let shop: AnalystShop;
beforeAll(async () => {
  shop = await startAnalystShop(folder);
}, 60_000);
afterAll(() => shop.process.kill());

const EXPORTS = '/api/history/exports';

async function exported(order: object, headers: Record<string, string> = {}) {
  const asked = await shop.asAnalyst('POST', EXPORTS, order, headers);
  expect(asked.status).toBe(202);
  return untilState(shop, asked.body.jobId as string, 'done', 'failed');
}

interface File {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly href: string;
}

async function downloaded(files: readonly File[], into = tempFolder()): Promise<string> {
  mkdirSync(into, { recursive: true });
  for (const { name, href } of files)
    writeFileSync(join(into, name), Buffer.from(await (await shop.fetch(href)).arrayBuffer()));
  return into;
}

describe('POST /api/history/exports', () => {
  it('takes an order, and says where its job is', async () => {
    const { status, headers, body } = await shop.asAnalyst('POST', EXPORTS, {
      format: 'csv',
      types: ['RoleGranted', 'RoleGranted'],
      streams: ['account'],
      from: '2026-01-01',
    });
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`${EXPORTS}/${body.jobId}`);
    expect(body).toMatchObject({
      jobId: expect.any(String),
      state: expect.stringMatching(/waiting|running|done/),
      format: 'csv',
      types: ['RoleGranted'],
      streams: ['account'],
      from: '2026-01-01T00:00:00.000Z',
      to: null,
      perDay: false,
      progress: { events: expect.any(Number) },
      problem: null,
    });
    const done = await untilState(shop, body.jobId, 'done');
    expect(done.manifest.types).toEqual({ RoleGranted: { events: 5, versions: { 1: 5 } } });
  });

  it.each(['ndjson', 'parquet', 'csv'])(
    'makes files as %s that can be downloaded and are what they say',
    async (format) => {
      const job = await exported({ format, perDay: true });
      expect(job).toMatchObject({ state: 'done', problem: null, manifest: { format, perDay: true } });
      expect(job.progress.of).toBe(job.progress.events);
      expect(job.asOf).toEqual(job.manifest.asOf);
      for (const { href, bytes, sha256 } of job.files as File[]) {
        const answer = await shop.fetch(href);
        const content = Buffer.from(await answer.arrayBuffer());
        expect(answer.status).toBe(200);
        expect(answer.headers.get('content-length')).toBe(String(bytes));
        expect(answer.headers.get('etag')).toBe(`"${sha256}"`);
        expect(answer.headers.get('content-disposition')).toContain('attachment');
        expect(content.length).toBe(bytes);
        expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
      }
    },
  );

  it('gives NDJSON that can be verified and imported, and pseudonyms in all other formats', async () => {
    const ndjson = await exported({ format: 'ndjson' });
    const csv = await exported({ format: 'csv' });
    const [whole, tabular] = [await downloaded(ndjson.files), await downloaded(csv.files)];
    const [sealed] = /"ct":"([^"]+)"/.exec(readFileSync(join(whole, 'events.ndjson'), 'utf8'))!.slice(1);
    expect(readFileSync(join(tabular, 'events.csv'), 'utf8')).not.toContain(sealed);
    expect(readFileSync(join(tabular, 'events.csv'), 'utf8')).toContain('pseudonym');
    const target = tempFolder();
    expect(await history(target, ['import', whole, '--data-dir', target])).toMatchObject({ status: 0 });
    expect(await history(target, ['verify', whole, '--data-dir', target])).toMatchObject({ status: 0 });
  });

  it.each([
    [{ types: ['OrderPlaced', 'Nope'] }, '/types/1'],
    [{ streams: ['orders'] }, '/streams/0'],
    [{ from: '2026-02-01', to: '2026-01-01' }, '/from'],
  ])('refuses what there is not, and an end before the beginning: %j', async (order, pointer) => {
    const { status, body } = await shop.asAnalyst('POST', EXPORTS, { format: 'csv', ...order });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'validation-failed', errors: [{ pointer }] });
  });

  it('does it once, however often it is asked with the same key', async () => {
    const key = { 'idempotency-key': newId() };
    const order = { format: 'csv', types: ['StoreIdentified'] };
    const asked = await Promise.all([1, 2, 3].map(() => shop.asAnalyst('POST', EXPORTS, order, key)));
    expect(new Set(asked.map(({ body }) => body.jobId)).size).toBe(1);
    const again = await shop.asAnalyst('POST', EXPORTS, order, key);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
    const other = await shop.asAnalyst('POST', EXPORTS, { format: 'ndjson' }, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
  });

  it.each([
    ['/format', { format: 'xml' }],
    ['/format', {}],
    ['/types', { format: 'csv', types: 'OrderPlaced' }],
    ['/types', { format: 'csv', types: [1] }],
    ['/from', { format: 'csv', from: 'yesterday' }],
    ['/from', { format: 'csv', from: 'revision:3' }],
    ['/to', { format: 'csv', to: '99999999999' }],
    ['/perDay', { format: 'csv', perDay: 'yes' }],
    ['/out', { format: 'csv', out: 'anywhere' }],
  ])('refuses what is wrong at %s: %j', async (pointer, order) => {
    const { status, body } = await shop.asAnalyst('POST', EXPORTS, order);
    expect([status, body.code, body.errors[0].pointer]).toEqual([400, 'validation-failed', pointer]);
  });
});

describe('GET /api/history/exports', () => {
  it('lists the newest first, without what is large', async () => {
    const ids = [];
    for (const format of ['csv', 'ndjson']) ids.push((await exported({ format, types: ['StoreIdentified'] })).jobId);
    const { items } = (await shop.asAnalyst('GET', EXPORTS)).body;
    expect(items.slice(0, 2).map(({ jobId }: { jobId: string }) => jobId)).toEqual(ids.reverse());
    expect(items[0]).toMatchObject({ state: 'done', format: 'ndjson', endedAt: expect.any(String) });
    expect(items[0]).not.toHaveProperty('manifest');
    expect(items[0]).not.toHaveProperty('files');
  });

  it('answers 404 where there is no such job', async () => {
    const { status, body } = await shop.asAnalyst('GET', `${EXPORTS}/${newId()}`);
    expect([status, body.code]).toEqual([404, 'export-unknown']);
    expect(body.detail).toContain('DATA_DIR');
    expect((await shop.asAnalyst('GET', `${EXPORTS}/..`)).status).toBe(404);
  });
});

describe('DELETE /api/history/exports/:jobId', () => {
  it('removes an export that is done, with its files', async () => {
    const { jobId, files } = await exported({ format: 'csv', types: ['StoreIdentified'] });
    expect((await shop.asAnalyst('DELETE', `${EXPORTS}/${jobId}`)).status).toBe(204);
    expect((await shop.asAnalyst('GET', `${EXPORTS}/${jobId}`)).status).toBe(404);
    expect((await shop.fetch(files[0].href)).status).toBe(404);
    expect((await shop.asAnalyst('DELETE', `${EXPORTS}/${jobId}`)).body.code).toBe('export-unknown');
  });
});

describe('GET /api/history/exports/:jobId/files/:name', () => {
  let file: File;
  beforeAll(async () => {
    file = (await exported({ format: 'ndjson' })).files.find(({ name }: File) => name === 'events.ndjson');
  });

  it('sends nothing to who has the file already', async () => {
    const { status, headers } = await shop.fetch(file.href, { headers: { 'if-none-match': `"${file.sha256}"` } });
    expect([status, headers.get('etag')]).toEqual([304, `"${file.sha256}"`]);
  });

  it('tells who only asks with HEAD how large it is', async () => {
    const answer = await shop.fetch(file.href, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(file.bytes)]);
  });

  it('goes on with a download that was cut short (RFC 9110, 14)', async () => {
    const whole = Buffer.from(await (await shop.fetch(file.href)).arrayBuffer());
    const half = Math.floor(file.bytes / 2);
    const rest = await shop.fetch(file.href, { headers: { range: `bytes=${half}-`, 'if-range': `"${file.sha256}"` } });
    expect([rest.status, rest.headers.get('content-range')]).toEqual([
      206,
      `bytes ${half}-${file.bytes - 1}/${file.bytes}`,
    ]);
    expect(Buffer.from(await rest.arrayBuffer())).toEqual(whole.subarray(half));
    const changed = await shop.fetch(file.href, { headers: { range: `bytes=${half}-`, 'if-range': '"another"' } });
    expect([changed.status, (await changed.arrayBuffer()).byteLength]).toEqual([200, file.bytes]);
    const after = await shop.fetch(file.href, { headers: { range: `bytes=${file.bytes}-` } });
    expect([after.status, after.headers.get('content-range')]).toEqual([416, `bytes */${file.bytes}`]);
  });

  it.each([
    'job.json',
    'progress.json',
    '..%2Fjob.json',
    '%2e%2e%2fjob.json',
    '..%5Cjob.json',
    '%2Fetc%2Fpasswd',
    'events.ndjson%00',
    'events.ndjson/',
    'EVENTS.NDJSON',
    'lock',
    '.',
  ])('gives nothing but what is in the export: %s', async (name) => {
    const { status, headers } = await shop.fetch(file.href.replace('events.ndjson', name));
    expect(status).toBe(404);
    expect(headers.get('content-type')).toBe('application/problem+json');
  });
});
