import { setTimeout as sleep } from 'node:timers/promises';
import { DeployedShop } from '../support/deployed-shop';
import { Nginx, whyNoNginx } from '../support/nginx';
import { startCompiled } from '../support/programs';
import { freePort } from '../support/servers/java';
import { addressOf, describeOn } from '../support/servers/real-servers';
import { ShopClient } from '../support/shop-client';
import { printedAdmin } from '../support/shop-process';
import { newWare } from '../support/shoppers';
import { UnrepeatingLoad } from '../support/unrepeating-load';

const CLIENTS = 6;
const REQUESTS = 5_000;
const POSTS = 1_000;
const ROLLING_RESTARTS = 4;

jest.setTimeout(600_000);

const missing = whyNoNginx();
const onNginx: typeof describeOn = (names, suite, tests) =>
  missing === null ? describeOn(names, suite, tests) : describe.skip(`${suite} (${missing})`, tests);

onNginx(['mongodb'], 'API processes behind nginx as it is shipped', () => {
  let shop: DeployedShop;
  let nginx: Nginx;
  let load: UnrepeatingLoad;
  let ports: number[];

  beforeAll(async () => {
    ports = [await freePort(), await freePort(), await freePort()];
    const envOf = (name: string) => ({
      OPS_PORT: '0',
      RATE_LIMITS: 'off',
      TRUSTED_PROXIES: 'loopback',
      ...(name.startsWith('api') ? { PORT: String(ports[Number(name.split(' ')[1]) - 1]) } : {}),
    });
    const roles = { api: 2, projections: 1, processes: 1 };
    shop = await DeployedShop.start({ mongodb: addressOf('mongodb'), kafka: null, roles, envOf });
    nginx = await Nginx.start(ports.map((port) => `127.0.0.1:${port}`));
    const admin = await ShopClient.logIn(async () => nginx.url, await printedAdmin(await shop.process('api 1')));
    load = new UnrepeatingLoad(nginx.url, await newWare(admin, 100_000), CLIENTS);
  });

  afterAll(async () => {
    await load?.stop();
    await nginx?.stop();
    await shop?.remove();
  });

  it('are replaced one by one, beside one that is never ready, and no request of clients that repeat nothing fails', async () => {
    const waiting = startCompiled('src/main.js', ['--no-demo'], {
      env: {
        ...shop.env,
        ROLE: 'api',
        PORT: String(ports[2]),
        OPS_PORT: '0',
        EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
      },
    });
    for (let n = 0; n < ROLLING_RESTARTS; n++)
      for (const name of ['api 1', 'api 2']) expect(await shop.stop(name)).toBe(0);
    while (load.requests < REQUESTS || load.posts < POSTS) await sleep(50);
    expect(load.failures.slice(0, 10)).toEqual([]);
    expect(waiting.process.exitCode).toBeNull();
    waiting.process.kill('SIGKILL');
    await waiting.ended();
    console.log(`${load.requests} requests, ${load.posts} of them POSTs, over ${ROLLING_RESTARTS} rolling restarts.`);
  });

  it('lose at most what was in flight when one of three is killed', async () => {
    await shop.add('api', 'api 3');
    const before = load.requests;
    while (load.requests < before + 300) await sleep(5);
    load.failures.length = 0;
    const dying = await shop.process('api 2');
    const { inFlight } = load;
    dying.program.process.kill('SIGKILL');
    const killedAt = load.requests;
    while (load.requests < killedAt + 600) await sleep(5);
    expect(load.failures.length).toBeLessThanOrEqual(inFlight);
    // Only what may have been done is not known.
    for (const failure of load.failures) expect(failure).toMatch(/^POST .*outcome-unknown/);
  });
});
