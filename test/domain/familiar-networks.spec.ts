import { FamiliarNetworks } from '#src/accounts/familiar-networks';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { ReadModelsUnavailable, type ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { Secrets } from '#src/kernel/secrets';
import { HOUR, SetStopwatch } from '../support/set-stopwatch';
import { TestTime } from '../support/test-time';

const secrets = Secrets.from('a secret of tests that is long enough to be one');
const DAY = 24 * HOUR;

let time: TestTime;
let store: MemoryReadModelStore;
let stopwatch: SetStopwatch;
const networksOn = (on: ReadModelStore) => new FamiliarNetworks(on, secrets, time, stopwatch);
const stored = async () => (await store.open({ name: 'familiar-networks', version: 1, indexes: [] })).find({});
beforeEach(() => {
  time = new TestTime();
  stopwatch = new SetStopwatch();
  store = new MemoryReadModelStore({ file: null });
});

describe('a network from which somebody has logged in', () => {
  it('is familiar to that account, in every process, for 90 days', async () => {
    const [one, other] = [networksOn(store), networksOn(store)];
    expect(await other.knows('ann', '192.0.2.1')).toBe(false);
    await one.remember('ann', '192.0.2.1');
    expect(await other.knows('ann', '192.0.2.1')).toBe(true);
    expect(await other.knows('bob', '192.0.2.1')).toBe(false);
    expect(await other.knows('ann', '192.0.2.2')).toBe(false);
    await time.pass(90 * DAY);
    expect(await other.knows('ann', '192.0.2.1')).toBe(true);
    await time.pass(DAY);
    expect(await other.knows('ann', '192.0.2.1')).toBe(false);
  });

  it('is stored as a keyed hash of account and network, and nothing that tells the address', async () => {
    const networks = networksOn(store);
    for (const account of ['ann', 'bob']) await networks.remember(account, '192.0.2.1');
    const documents = await stored();
    expect(JSON.stringify(documents)).not.toContain('192.0.2');
    const tags = documents.flatMap(({ networks: known }) =>
      (known as unknown as { tag: string }[]).map(({ tag }) => tag),
    );
    expect(tags).toEqual([expect.stringMatching(/^[\w-]{22}$/), expect.stringMatching(/^[\w-]{22}$/)]);
    expect(new Set(tags).size).toBe(2);
  });

  it('is forgotten for those used later, from the twenty-first on', async () => {
    const networks = networksOn(store);
    for (let n = 0; n < 21; n++) await networks.remember('ann', `192.0.2.${n}`);
    expect(await networks.knows('ann', '192.0.2.0')).toBe(false);
    expect(await networks.knows('ann', '192.0.2.1')).toBe(true);
  });

  it('is remembered by all who log in at once', async () => {
    const all = Array.from({ length: 4 }, (_, n) => `192.0.2.${n}`);
    await Promise.all(all.map((network) => networksOn(store).remember('ann', network)));
    for (const network of all) expect(await networksOn(store).knows('ann', network)).toBe(true);
  });

  it('is removed when it is too old, with a log-in of a later day', async () => {
    const networks = networksOn(store);
    await networks.remember('ann', '192.0.2.1');
    await time.pass(91 * DAY);
    stopwatch.at += 91 * DAY;
    await networks.remember('bob', '192.0.2.1');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await stored()).map(({ _id }) => _id)).toEqual(['bob']);
  });
});

describe('while the store can’t be reached, or is silent', () => {
  it.each([
    ['away', () => Promise.reject(new ReadModelsUnavailable('no route to host'))],
    ['silent', () => new Promise<never>(() => undefined)],
  ])('(%s) everybody is a stranger, and log-ins go on', async (_, open) => {
    const networks = networksOn({ open } as unknown as ReadModelStore);
    await networks.remember('ann', '192.0.2.1');
    expect(await networks.knows('ann', '192.0.2.1')).toBe(false);
  });
});
