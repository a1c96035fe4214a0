import { inNetwork } from '../support/networks';
import { MINUTE, SetStopwatch } from '../support/set-stopwatch';
import { startShop, type Answer, type RunningShop } from '../support/shop-app';
import { addToCart, stocked } from '../support/shopping';
import { tempFolder } from '../support/temp-folder';

const stopwatch = new SetStopwatch();
let shop: RunningShop;
beforeAll(async () => {
  const env = { RATE_LIMITS: 'cart=5,reads=8', TRUSTED_PROXIES: 'loopback' };
  shop = await startShop(tempFolder(), env, { stopwatch });
});
afterAll(() => shop.stop());
beforeEach(() => {
  stopwatch.at += 2 * MINUTE;
});

const from = (address: string) => inNetwork(shop.request, address);
const guestFrom = async (address: string) =>
  (await from(address)('POST', '/api/auth/guest')).body.accessToken as string;

async function times(count: number, ask: (n: number) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let n = 0; n < count; n++) answers.push(await ask(n));
  return answers;
}
const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);
const emptied = (address: string, token: string) => from(address)('DELETE', '/api/cart/items', { token });

describe('a network that asks too often', () => {
  it('is answered 429, a problem document with when to try again and the policy, and let in then', async () => {
    const guest = () => from('192.0.2.1')('POST', '/api/auth/guest');
    const answers = await times(61, guest);
    expect(statuses(answers)).toEqual([...Array(60).fill(201), 429]);
    const { headers, body } = answers.at(-1)!;
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({
      type: '/problems/too-many-requests',
      status: 429,
      code: 'too-many-requests',
      'violated-policies': ['guests'],
    });
    const wait = Number(headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(headers.get('ratelimit')).toBe(`"guests";r=0;t=${wait}`);
    expect(headers.get('ratelimit-policy')).toBe('"guests";q=60;w=60');
    stopwatch.at += (wait - 1) * 1_000;
    expect((await guest()).status).toBe(429);
    stopwatch.at += 1_000;
    expect((await guest()).status).toBe(201);
  });

  it('keeps nobody else waiting, and nothing of another class', async () => {
    await times(61, () => from('192.0.2.1')('POST', '/api/auth/guest'));
    expect((await from('192.0.2.2')('POST', '/api/auth/guest')).status).toBe(201);
    expect((await from('192.0.2.1')('GET', '/api/products')).status).toBe(200);
  });

  it('of IPv6 is all of a /64', async () => {
    const answers = await times(61, (n) => from(`2001:db8:1:2::${n.toString(16)}`)('POST', '/api/auth/guest'));
    expect(answers.at(-1)!.status).toBe(429);
    expect((await from('2001:db8:1:3::1')('POST', '/api/auth/guest')).status).toBe(201);
  });

  it('is told what it has left with every answer', async () => {
    const token = await guestFrom('192.0.2.1');
    const { headers } = await emptied('192.0.2.1', token);
    expect(headers.get('ratelimit')).toMatch(/^"cart";r=4;t=\d+$/);
    expect(headers.get('ratelimit-policy')).toBe('"cart";q=5;w=60');
  });

  it('is refused before its body is read', async () => {
    const headers = { 'content-type': 'application/json' };
    const answers = await times(11, () => from('192.0.2.1')('POST', '/api/auth/register', { body: '{', headers }));
    expect(statuses(answers)).toEqual([...Array(10).fill(400), 429]);
  });

  it('is limited by what it reads, with what is not there and the documentation', async () => {
    const paths = ['/api/products', '/nope', '/docs-json', '/problems/not-found'];
    const answers = await times(9, (n) => from('192.0.2.1')('GET', paths[n % paths.length]!));
    expect(answers.at(-1)!.status).toBe(429);
  });

  it('is not who asks for health and metrics on the port of operators, as often as they like', async () => {
    for (let n = 0; n < 20; n++) {
      const { statusCode, headers } = await shop.shop.app.inject('/health/live');
      expect([statusCode, headers['ratelimit']]).toEqual([200, undefined]);
    }
  });
});

describe('a guest or an account that asks too often', () => {
  it('is limited from wherever it asks, and no other one is', async () => {
    const [ann, bob] = [await guestFrom('192.0.2.1'), await guestFrom('192.0.2.1')];
    const answers = await times(6, (n) => emptied(`198.51.100.${n}`, ann));
    expect(statuses(answers)).toEqual([...Array(5).fill(200), 429]);
    expect(answers.at(-1)!.headers.get('ratelimit')).toMatch(/^"cart";r=0;t=\d+$/);
    expect((await emptied('198.51.100.0', bob)).status).toBe(200);
  });
});

describe('what was limited', () => {
  it('is metered by class, and by who asked', async () => {
    const limited = async () => {
      const text = (await shop.shop.app.inject('/metrics')).body;
      return /^http_requests_limited_total\{class="guests",by="network"\} (\d+)$/m.exec(text)?.[1] ?? '0';
    };
    const before = Number(await limited());
    await times(63, () => from('192.0.2.1')('POST', '/api/auth/guest'));
    expect(Number(await limited())).toBe(before + 3);
  });
});

describe('the API reference', () => {
  it('names the class of every operation, and the answer 429', async () => {
    const document = await from('192.0.2.1')('GET', '/docs-json');
    const operations = Object.values(document.body.paths as Record<string, Record<string, Record<string, unknown>>>)
      .flatMap((item) => Object.values(item))
      .filter((operation) => 'responses' in operation);
    const classes = operations.map((operation) => operation['x-rate-limit']);
    expect(new Set(classes)).toEqual(
      new Set(['guests', 'registrations', 'log-ins', 'passwords', 'orders', 'cart', 'changes', 'reads']),
    );
    const without = operations.filter((operation) => !('429' in (operation['responses'] as object)));
    expect(without).toEqual([]);
  });
});

describe('a principal that changes one thing too often', () => {
  let strict: RunningShop;
  beforeAll(async () => (strict = await startShop(tempFolder(), { RATE_LIMITS: 'commands=2' })));
  afterAll(() => strict.stop());

  it('is answered 429 with the policy, and others go on', async () => {
    const guest = async () => (await strict.request('POST', '/api/auth/guest')).body.accessToken as string;
    const token = await guest();
    const ware = await stocked(strict);
    const add = (of: string) => addToCart(strict, of, ware);
    // The first one makes the cart.
    const answers = await times(4, () => add(token));
    expect(statuses(answers)).toEqual([201, 201, 201, 429]);
    const { headers, body } = answers[3]!;
    expect(body).toMatchObject({ code: 'too-many-commands', 'violated-policies': ['commands'] });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(headers.get('ratelimit-policy')).toContain('"commands";q=2;w=3600');
    expect((await add(await guest())).status).toBe(201);
  });
});
