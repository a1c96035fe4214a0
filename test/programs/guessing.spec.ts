import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '#src/kernel/ids';
import { guessEverywhere, inNetwork } from '../support/networks';
import { requestsTo, type Answer, type RunningShop } from '../support/shop-app';
import { API_LINE, listening, startMain, type ShopProcess } from '../support/shop-process';
import { tempFolderOfThisFile } from '../support/temp-folder';

const folder = tempFolderOfThisFile();

const HOME = '192.0.2.1';
const ABROAD = '198.51.100.1';
const PASSWORD = 'correct horse battery staple';
const GUESSES_A_SECOND = 10;
/** How long the guessers go on before the owner comes, and how often the owner comes. */
const HEAD_START_MS = 2_000;
const ROUNDS = 3;

describe('while 20 networks send 10 wrong guesses a second each to a shop in a process of its own', () => {
  let shop: ShopProcess;
  let request: RunningShop['request'];
  beforeAll(async () => {
    const program = startMain(folder, { RATE_LIMITS: '', TRUSTED_PROXIES: 'loopback' });
    shop = await listening(program, API_LINE);
    request = requestsTo(shop.url);
  });
  afterAll(() => shop.kill());

  /** The answer to the first of two tries that is let in, and which it was. */
  async function withinTwoTries(ask: () => Promise<Answer>): Promise<Answer> {
    const first = await ask();
    return first.status === 200 ? first : ask();
  }

  it('the owner gets in at home, and anywhere on a device of before, and changes the password', async () => {
    const email = `${newId()}@example.com`;
    let password = PASSWORD;
    const registered = await inNetwork(request, HOME)('POST', '/api/auth/register', { body: { email, password } });
    let device = registered.body.deviceToken as string;

    const guesses = new Map<string, Answer[]>();
    let stopped = false;
    const attack = (async () => {
      const sent: Promise<void>[] = [];
      while (!stopped) {
        sent.push(
          guessEverywhere(request, email, 1).then((answers) => {
            for (const [network, all] of answers) guesses.set(network, [...(guesses.get(network) ?? []), ...all]);
          }),
        );
        await sleep(1_000 / GUESSES_A_SECOND);
      }
      await Promise.all(sent);
    })();

    await sleep(HEAD_START_MS);
    for (let round = 0; round < ROUNDS; round++) {
      const logIn = (network: string, headers: Record<string, string> = {}) =>
        inNetwork(request, network)('POST', '/api/auth/login', { body: { email, password }, headers });
      expect((await withinTwoTries(() => logIn(HOME))).status).toBe(200);
      const abroad = await withinTwoTries(() => logIn(ABROAD, { 'device-token': device }));
      expect(abroad.status).toBe(200);
      const change = { current: password, next: `${PASSWORD} ${round}` };
      const changed = await withinTwoTries(() =>
        inNetwork(request, ABROAD)('POST', '/api/auth/password', { token: abroad.body.accessToken, body: change }),
      );
      expect(changed.status).toBe(200);
      password = change.next;
      device = changed.body.deviceToken as string;
    }
    stopped = true;
    await attack;

    const lookedAt = [...guesses.values()].map((answers) => answers.filter(({ status }) => status === 401).length);
    const statuses = new Set([...guesses.values()].flat().map(({ status }) => status));
    expect(Math.max(...lookedAt)).toBeLessThanOrEqual(20);
    expect(lookedAt.reduce((all, count) => all + count, 0)).toBeLessThanOrEqual(100);
    expect([...statuses].filter((status) => ![401, 429, 503].includes(status))).toEqual([]);
    expect([...guesses.values()].flat().length).toBeGreaterThan(20 * GUESSES_A_SECOND);
  });
});
