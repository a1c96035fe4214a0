import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '#src/kernel/ids';
import { type AnalystShop, startAnalystShop } from '../history/analyst-shop';
import { startMain } from '../support/shop-process';
import { tempFolderOfThisFile } from '../support/temp-folder';

const folder = tempFolderOfThisFile();

/** Has the program reject a promise that nobody waits for when it gets SIGUSR2, and throw when it gets SIGWINCH. */
const FAULTS = [
  `process.on('SIGUSR2',()=>{void(Promise.reject(new(Error)('unheard')))})`,
  `process.on('SIGWINCH',()=>{throw(new(Error)('uncaught'))})`,
].join(';');
const env = { NODE_OPTIONS: `--import=data:text/javascript,${FAULTS}` };
/** Nobody answers there: a process that needs it waits, and runs. */
const waiting = { ...env, EVENTSTORE_URL: 'esdb://127.0.0.1:9?tls=false', MONGODB_URL: 'mongodb://127.0.0.1:9/shop' };

describe('a shop that serves', () => {
  let shop: AnalystShop;
  beforeAll(async () => {
    shop = await startAnalystShop(folder, { env });
  }, 60_000);
  afterAll(async () => {
    await shop.process.kill();
  });

  const metric = async () => {
    const text = await (await fetch(`${await shop.process.ops()}/metrics`)).text();
    return Number(/^process_unheard_rejections_total (\d+)$/m.exec(text)?.[1]);
  };

  it('answers two instants of which the one is not there and the other is none', async () => {
    const differences = (stream: string, query: string) =>
      shop.asAnalyst('GET', `/api/history/streams/${stream}/differences?${query}`);
    expect(await metric()).toBe(0);
    const { id } = (await shop.request('GET', '/api/auth/me', { token: shop.tokens.customer })).body;
    const asked = [
      [`order-${newId()}`, 'from=now&to=x'],
      [`order-${newId()}`, 'from=x&to=now'],
      [`account-${id}`, 'from=revision:99999&to=yesterday'],
    ] as const;
    for (const [stream, query] of asked) {
      const { status, body } = await differences(stream, query);
      expect({ query, status, code: body.code }).toEqual({ query, status: 400, code: 'as-of-invalid' });
    }
    // A rejection that nobody hears is seen after the turn of the event loop in which it came.
    await sleep(100);
    expect(await metric()).toBe(0);
  });

  it('survives a rejection that nobody hears, logs it and counts it', async () => {
    const before = await metric();
    shop.process.program.process.kill('SIGUSR2');
    while ((await metric()) === before);
    expect(await metric()).toBe(before + 1);
    expect(shop.process.program.errors.join('\n')).toMatch(/A rejection was not heard by anybody[^]*Error: unheard/);
    expect((await shop.request('GET', '/api/products')).status).toBe(200);
  });

  it('ends at an exception that nobody catches', async () => {
    shop.process.program.process.kill('SIGWINCH');
    expect(await shop.process.program.ended()).toBe(1);
    expect(shop.process.program.errors.join('\n')).toMatch('Error: uncaught');
  });
});

it.each([
  ['api', 'goes on'],
  ['projections', 'ends'],
  ['processes', 'ends'],
] as const)('a process of the role %s that met such a rejection %s', async (ROLE, then) => {
  const program = startMain(folder, { ...waiting, ROLE, SHOP_SECRET: '0f3a9c51d7e28b6440fa1b9cde5573aa81' });
  await program.said(/tries again/);
  program.process.kill('SIGUSR2');
  if (then === 'ends') {
    expect(await program.ended()).toBe(1);
  } else {
    while (!program.errors.some((line) => line.includes('Error: unheard'))) await sleep(20);
    expect(program.process.exitCode).toBeNull();
    program.process.kill('SIGKILL');
    await program.ended();
  }
});
