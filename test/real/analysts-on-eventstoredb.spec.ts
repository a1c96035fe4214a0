import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '#src/kernel/ids';
import { startEventStoreNode, type EventStoreNode } from '../support/eventstore-node/start-node';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { type AnalystShop, startAnalystShop, untilState } from '../history/analyst-shop';

const [first, second] = [tempFolderOfThisFile(), tempFolderOfThisFile()];
const EXPORTS = '/api/history/exports';

let node: EventStoreNode;
let env: Record<string, string>;
let shop: AnalystShop;
beforeAll(async () => {
  node = await startEventStoreNode();
  env = { EVENTSTORE_URL: node.url, SHOP_SECRET: randomBytes(32).toString('base64') };
  shop = await startAnalystShop(first, { env });
}, 60_000);
afterAll(async () => {
  await shop?.process.kill();
  await node.stop();
});

/** The columnar copy may have to be made first. */
async function sql(question: string) {
  for (;;) {
    const { status, body } = await shop.asAnalyst('POST', '/api/history/sql', { sql: question });
    if (status !== 503) return { status, body };
  }
}

/** What everybody on this machine sees of its processes. */
function commandLines(): string {
  if (!existsSync('/proc/self/cmdline')) return execFileSync('ps', ['-A', '-o', 'args'], { encoding: 'utf8' });
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.map(commandLineOf).join('\n');
}

function commandLineOf(id: string): string {
  try {
    return readFileSync(join('/proc', id, 'cmdline'), 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // It has ended meanwhile.
  }
}

describe('a shop on EventStoreDB', () => {
  it('answers SQL from a columnar copy in its data folder, as fresh as the log', async () => {
    const before = (await sql('SELECT count(*) FROM account_registered')).body.rows[0][0];
    await shop.request('POST', '/api/auth/register', {
      body: { email: `${newId()}@example.com`, password: 'correct horse battery staple' },
    });
    let answer = await sql('SELECT count(*) FROM account_registered');
    // A busy machine answers as of before rather than late.
    while (answer.body.rows[0][0] === before) answer = await sql('SELECT count(*) FROM account_registered');
    expect([answer.status, answer.body.rows]).toEqual([200, [[before + 1]]]);
    expect(answer.body.asOf.position).toMatch(/^\d{20}\/\d{20}$/);
    expect(existsSync(join(first, 'history', 'manifest.json'))).toBe(true);
    expect(existsSync(join(first, 'events.db'))).toBe(false);
  });

  it.each(['ndjson', 'parquet'])('makes exports as %s of the log of then', async (format) => {
    const { body } = await shop.asAnalyst('POST', EXPORTS, { format, types: ['AccountRegistered'] });
    const done = await untilState(shop, body.jobId as string, 'done', 'failed');
    expect(done).toMatchObject({ state: 'done', progress: { events: expect.any(Number) }, problem: null });
    const [[registered]] = (await sql('SELECT count(*) FROM account_registered')).body.rows;
    expect(done.manifest).toMatchObject({ format, events: registered });
    for (const { href, bytes } of done.files)
      expect((await (await shop.fetch(href)).arrayBuffer()).byteLength).toBe(bytes);
  });

  it('does not show the connection string to other users of the machine', async () => {
    const { body } = await shop.asAnalyst('POST', EXPORTS, { format: 'parquet' });
    await sql('SELECT 1');
    for (let isDone = false; !isDone;) {
      expect(commandLines()).not.toContain(node.url);
      const { state } = (await shop.asAnalyst('GET', `${EXPORTS}/${body.jobId}`)).body;
      isDone = state === 'done';
    }
  });

  it('goes on with an export when it is killed and started again', async () => {
    const { body } = await shop.asAnalyst('POST', EXPORTS, { format: 'parquet', perDay: true });
    await shop.process.kill();
    shop = await startAnalystShop(first, { env, tokens: shop.tokens });
    expect(await untilState(shop, body.jobId as string, 'done', 'failed')).toMatchObject({ state: 'done' });
  });
});

describe('an export on EventStoreDB', () => {
  it('is not known to a process with another data folder, which says so', async () => {
    const { body } = await shop.asAnalyst('POST', EXPORTS, { format: 'csv' });
    await untilState(shop, body.jobId as string, 'done');
    await shop.process.kill();
    // The keys of personal data are the store's, wherever a process is.
    for (const name of readdirSync(first).filter((file) => file.startsWith('keys.db')))
      copyFileSync(join(first, name), join(second, name));
    shop = await startAnalystShop(second, { env, tokens: shop.tokens });
    const { status, body: problem } = await shop.asAnalyst('GET', `${EXPORTS}/${body.jobId}`);
    expect([status, problem.code]).toEqual([404, 'export-unknown']);
    expect(problem.detail).toContain('share DATA_DIR');
  });
});
