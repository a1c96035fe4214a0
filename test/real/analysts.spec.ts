import { newId } from '#src/kernel/ids';
import { makeTokens, type Tokens, untilState } from '../history/analyst-shop';
import { DeployedShop } from '../support/deployed-shop';
import { addressOf, describeOn } from '../support/servers/real-servers';
import { type Answer, requestsTo } from '../support/shop-app';
import { printedAdmin } from '../support/shop-process';

jest.setTimeout(300_000);

const EXPORTS = '/api/history/exports';

let shop: DeployedShop;
let tokens: Tokens;

/** An api, to an analyst. */
const analystAt = async (name: string) => {
  const request = requestsTo((await shop.process(name)).url);
  const asAnalyst = (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
    request(method, path, { token: tokens.analyst, headers, ...(body === undefined ? {} : { body }) });
  return { asAnalyst };
};

type Analyst = Awaited<ReturnType<typeof analystAt>>;

/** The columnar copy may have to be made first. */
async function sql({ asAnalyst }: Analyst, question: string): Promise<Answer['body']> {
  for (;;) {
    const { status, body } = await asAnalyst('POST', '/api/history/sql', { sql: question });
    if (status !== 503) return body;
  }
}

describeOn(['mongodb'], 'analysts of a shop with two processes that answer the API', () => {
  beforeAll(async () => {
    shop = await DeployedShop.start({
      mongodb: addressOf('mongodb'),
      kafka: null,
      roles: { api: 2, projections: 1, processes: 1 },
    });
    const first = await shop.process('api 1');
    tokens = await makeTokens(requestsTo(first.url), await printedAdmin(first));
  });
  afterAll(() => shop?.remove());

  it('are answered the same by both, at once, from the copy that they share', async () => {
    const both = await Promise.all(['api 1', 'api 2'].map(analystAt));
    const question = 'SELECT type, count(*) FROM events GROUP BY type ORDER BY type';
    const [one, other] = await Promise.all(both.map((api) => sql(api, question)));
    expect(one.rows).toContainEqual(['RoleGranted', 5]);
    expect(other.rows).toEqual(one.rows);
  });

  it('find an export at either, and download it where it was not asked for', async () => {
    const [one, other] = await Promise.all(['api 1', 'api 2'].map(analystAt));
    const key = { 'idempotency-key': newId() };
    const order = { format: 'csv', types: ['RoleGranted'] };
    const asked = await Promise.all([one!, other!].map((api) => api.asAnalyst('POST', EXPORTS, order, key)));
    expect(asked.map(({ status }) => status)).toEqual([202, 202]);
    const { jobId } = asked[0]!.body;
    expect(asked[1]!.body.jobId).toBe(jobId);
    const { files } = await untilState(other!, jobId, 'done', 'failed');
    const { href, bytes } = files.find(({ name }: { name: string }) => name === 'events.csv');
    const file = await fetch((await shop.process('api 2')).url + href, {
      headers: { authorization: `Bearer ${tokens.analyst}` },
    });
    expect((await file.arrayBuffer()).byteLength).toBe(bytes);
  });

  it('get an export although the process that took it is killed', async () => {
    const [one, other] = await Promise.all(['api 1', 'api 2'].map(analystAt));
    const asked = [];
    for (const format of ['parquet', 'ndjson', 'csv'])
      asked.push(await one!.asAnalyst('POST', EXPORTS, { format, perDay: true }));
    const restarted = shop.kill('api 1');
    for (const { body } of asked)
      expect(await untilState(other!, body.jobId as string, 'done', 'failed')).toMatchObject({ state: 'done' });
    await restarted;
  });
});
