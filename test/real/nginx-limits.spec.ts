import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Nginx, whyNoNginx } from '../support/nginx';
import { requestsTo, type Answer } from '../support/shop-app';
import { API_LINE, listening, startMain, type ShopProcess } from '../support/shop-process';
import { tempFolderOfThisFile } from '../support/temp-folder';

const folder = tempFolderOfThisFile();

/** Those of nginx.conf: requests at once, and a second after that, and connections of one network. */
const BURST = 5_000;
const RATE = 300;
const CONNECTIONS = 1_000;

const missing = whyNoNginx();
const onNginx = missing === null ? describe : describe.skip;

onNginx(`nginx as it is shipped limits what one network asks for${missing === null ? '' : ` (${missing})`}`, () => {
  let shop: ShopProcess;
  let nginx: Nginx;
  let ask: (method: string, path: string) => Promise<Answer>;
  beforeAll(async () => {
    // The shop's own limit of reads stands above that of nginx here, and no other.
    shop = await listening(startMain(folder, { RATE_LIMITS: 'reads=1000000', TRUSTED_PROXIES: 'loopback' }), API_LINE);
    nginx = await Nginx.start([new URL(shop.url).host]);
    ask = requestsTo(nginx.url);
  });
  afterAll(async () => {
    await nginx?.stop();
    await shop?.kill();
  });

  /** What an answer of nginx itself says beside its words. */
  const ofNginx = {
    type: '/problems/too-many-requests',
    status: 429,
    instance: '/api/products',
    code: 'too-many-requests',
  };

  it('and hands on what the shop refuses as the shop says it', async () => {
    const answers: Answer[] = [];
    for (let n = 0; n < 61; n++) answers.push(await ask('POST', '/api/auth/guest'));
    expect(answers.map(({ status }) => status)).toEqual([...Array<number>(60).fill(201), 429]);
    const { body, headers } = answers.at(-1)!;
    expect(body).toMatchObject({ code: 'too-many-requests', 'violated-policies': ['guests'] });
    expect(headers.get('ratelimit')).toMatch(/^"guests";r=0;t=\d+$/);
    expect(headers.get('ratelimit-policy')).toBe('"guests";q=60;w=60');
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(1);
  });

  it('by connections that are under way at once', async () => {
    // Requests whose body does not come.
    const begun =
      'POST /api/auth/guest HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n';
    const sockets: Socket[] = [];
    for (let n = 0; n < CONNECTIONS; n++) {
      const socket = connect(Number(new URL(nginx.url).port), '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write(begun);
      sockets.push(socket);
    }
    // The last of them may not have been looked at yet.
    let answer: Answer;
    do answer = await ask('GET', '/api/products');
    while (answer.status === 200);
    expect(answer.body).toMatchObject(ofNginx);
    for (const socket of sockets) socket.destroy();
    do answer = await ask('GET', '/api/products');
    while (answer.status === 429);
    expect(answer.status).toBe(200);
  });

  it('by requests, of which none is refused before there were as many at once as are allowed', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 64 });
    const statusOf = () =>
      new Promise<number>((resolve, reject) => {
        const request = httpRequest(`${nginx.url}/api/products?limit=1`, { agent }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode!));
        });
        request.on('error', reject).end();
      });
    const from = performance.now();
    const counts = new Map<number, number>();
    let refused: Answer | null = null;
    while (refused === null) {
      const statuses = await Promise.all(Array.from({ length: 500 }, statusOf));
      for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
      if (!counts.has(429)) continue;
      const answer = await ask('GET', '/api/products');
      if (answer.status === 429) refused = answer;
    }
    agent.destroy();
    const seconds = (performance.now() - from) / 1_000;
    expect([...counts.keys()].sort()).toEqual([200, 429]);
    // What the tests before have asked for has taken of the allowance.
    expect(counts.get(200)).toBeGreaterThan(BURST / 2);
    expect(counts.get(200)).toBeLessThanOrEqual(BURST + RATE * Math.ceil(seconds) + 1);
    expect(refused.body).toMatchObject(ofNginx);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.headers.get('retry-after')).toBe('1');
    await nginx.stop();
    expect(nginx.log).toMatch(/limiting requests/);
    expect(nginx.log).toMatch(/limiting connections by zone/);
  });
});
