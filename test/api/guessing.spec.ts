import { newId } from '#src/kernel/ids';
import { guessEverywhere, hostileAddresses, inNetwork } from '../support/networks';
import { HOUR, MINUTE, SECOND, SetStopwatch } from '../support/set-stopwatch';
import { startShop, type Answer, type RunningShop } from '../support/shop-app';
import { tempFolder } from '../support/temp-folder';

const HOME = '192.0.2.1';
const ABROAD = '198.51.100.1';
const PASSWORD = 'correct horse battery staple';

// Hashing passwords is slow by design, and slower on a machine that is busy.
jest.setTimeout(60_000);

const stopwatch = new SetStopwatch();
let shop: RunningShop;
beforeAll(async () => {
  shop = await startShop(tempFolder(), { RATE_LIMITS: '', TRUSTED_PROXIES: 'loopback' }, { stopwatch });
});
afterAll(() => shop.stop());
beforeEach(() => {
  stopwatch.at += 2 * HOUR;
});

const as = (address: string) => inNetwork(shop.request, address);
const logIn = (address: string, body: object, headers: Record<string, string> = {}) =>
  as(address)('POST', '/api/auth/login', { body, headers });

async function registered(address = HOME) {
  const who = { email: `${newId()}@example.com`, password: PASSWORD };
  const { body } = await as(address)('POST', '/api/auth/register', { body: who });
  return { who, device: body.deviceToken as string, token: body.accessToken as string };
}

/** More guesses than are looked at, from 20 networks at once; how many were, by network. */
async function attack(email: string): Promise<Map<string, number>> {
  const answers = await guessEverywhere(shop.request, email, 4);
  stopwatch.at += SECOND;
  return new Map([...answers].map(([address, all]) => [address, all.filter(({ status }) => status === 401).length]));
}

const sum = (counts: Map<string, number>) => [...counts.values()].reduce((all, count) => all + count, 0);

describe('while 20 networks guess', () => {
  it('the owner gets in from a network of before, on a device of before anywhere, and changes the password', async () => {
    const owner = await registered();
    let { device, token } = owner;
    let { password } = owner.who;
    for (let round = 0; round < 3; round++) {
      const looked = await attack(owner.who.email);
      expect(sum(looked)).toBeLessThanOrEqual(100);
      expect(Math.max(...looked.values())).toBeLessThanOrEqual(20);
      const who = { ...owner.who, password };

      expect((await logIn(HOME, who)).status).toBe(200);
      const known = await logIn(hostileAddresses[round]!, who, { 'device-token': device });
      expect(known.status).toBe(200);
      expect((await logIn(ABROAD, who)).status).toBe(429);

      const next = `${PASSWORD} ${round}`;
      const changed = await as(hostileAddresses[round]!)('POST', '/api/auth/password', {
        token: known.body.accessToken as string,
        body: { current: password, next },
      });
      expect(changed.status).toBe(200);
      ({ deviceToken: device, accessToken: token } = changed.body as { deviceToken: string; accessToken: string });
      password = next;
      stopwatch.at += 14 * MINUTE;
    }
    expect((await as(HOME)('GET', '/api/auth/me', { token })).status).toBe(200);
  });

  it('they guess at most 100 times in an hour, and the owner is let in everywhere when they are done', async () => {
    const { who } = await registered();
    let guesses = 0;
    for (let quarter = 0; quarter < 4; quarter++) {
      guesses += sum(await attack(who.email));
      stopwatch.at += 14 * MINUTE;
    }
    expect(guesses).toBeLessThanOrEqual(100);
    stopwatch.at += HOUR;
    expect((await logIn(ABROAD, who)).status).toBe(200);
  });
});

describe('a guess that is not looked at', () => {
  const headersOf = ({ headers }: Answer) =>
    Object.fromEntries(['retry-after', 'ratelimit', 'ratelimit-policy'].map((name) => [name, headers.get(name)]));
  const refusal = async (email: string, address: string) => {
    const answers: Answer[] = [];
    for (let n = 0; n < 21; n++) answers.push(await logIn(address, { email, password: 'wrong horse' }));
    return answers.at(-1)!;
  };

  it('is answered the same for an account and for an unknown e-mail, with when to try again', async () => {
    const { who } = await registered();
    const known = await refusal(who.email, '198.51.100.7');
    const unknown = await refusal(`${newId()}@example.com`, '198.51.100.8');
    expect(known.body).toMatchObject({
      status: 429,
      code: 'too-many-attempts',
      'violated-policies': ['failed-log-ins'],
    });
    expect({ ...known.body, traceId: '' }).toEqual({ ...unknown.body, traceId: '' });
    expect(headersOf(known)).toEqual(headersOf(unknown));
    expect(headersOf(known)).toEqual({
      'retry-after': '3600',
      ratelimit: expect.stringMatching(/^"failed-log-ins";r=0;t=3600, "log-ins";r=\d+;t=\d+$/),
      'ratelimit-policy': '"failed-log-ins";q=20;w=3600, "log-ins";q=30;w=60',
    });
  });
});

it('that fail, or are not looked at, are metered by the code of their answer', async () => {
  const count = async (code: string) => {
    const { body } = await shop.shop.app.inject('/metrics');
    return Number(new RegExp(`^http_problems_total\\{code="${code}"\\} (\\d+)$`, 'm').exec(body)?.[1] ?? 0);
  };
  const [wrong, refused] = [await count('wrong-credentials'), await count('too-many-attempts')];
  const email = `${newId()}@example.com`;
  for (let n = 0; n < 22; n++) await logIn('198.51.100.9', { email, password: 'wrong horse' });
  expect((await count('wrong-credentials')) - wrong).toBe(20);
  expect((await count('too-many-attempts')) - refused).toBe(2);
});

describe('a device token', () => {
  it('is void after another password, and is nothing at another account', async () => {
    const [ann, bob] = [await registered(), await registered()];
    await attack(ann.who.email);
    expect((await logIn(ABROAD, ann.who, { 'device-token': bob.device })).status).toBe(429);
    const change = { current: PASSWORD, next: 'another horse battery staple' };
    await as(HOME)('POST', '/api/auth/password', { token: ann.token, body: change });
    const who = { ...ann.who, password: change.next };
    expect((await logIn(ABROAD, who, { 'device-token': ann.device })).status).toBe(429);
  });

  it('lets nobody in without the password', async () => {
    const { who, device } = await registered();
    const wrong = { ...who, password: 'wrong horse battery staple' };
    expect((await logIn(ABROAD, wrong, { 'device-token': device })).status).toBe(401);
    expect((await as(ABROAD)('GET', '/api/auth/me', { token: device })).status).toBe(401);
  });

  it('buys no end of log-ins', async () => {
    const { who, device } = await registered();
    const answers: Answer[] = [];
    for (let n = 0; n < 31; n++) answers.push(await logIn(ABROAD, who, { 'device-token': device }));
    expect(answers.map(({ status }) => status)).toEqual([...Array(30).fill(200), 429]);
    expect(answers.at(-1)!.body).toMatchObject({ code: 'too-many-requests', 'violated-policies': ['log-ins'] });
  });
});
