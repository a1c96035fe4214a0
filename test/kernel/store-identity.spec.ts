import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '#src/kernel/clock';
import { OutcomeUnknown, StoreUnavailable, type EventStore } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { Secrets } from '#src/kernel/secrets';
import { openStoreIdentity, restoreStore, STORE_IDENTITY_STREAM, WrongShopSecret } from '#src/kernel/store-identity';

const secrets = Secrets.from('k3J9xQ7mPz2WvB5nR8tYcD4fG6hL1sAa');
const otherSecrets = Secrets.from('k3J9xQ7mPz2WvB5nR8tYcD4fG6hL1sAb');
const clock = new SystemClock();

describe('identity of the store', () => {
  let folder: string;
  let store: EventStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chronocart-identity-'));
    store = await SqliteEventStore.open({ file: join(folder, 'events.db'), clock });
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  const events = () => store.readStream(STORE_IDENTITY_STREAM);

  /** The store, whose appends answer as `append` says. */
  const behaving = (append: EventStore['append']): EventStore => Object.assign(Object.create(store), { append });

  it('is written down on the first start, in the stream storeIdentity', async () => {
    const { storeId } = await openStoreIdentity(store, secrets, clock);
    expect(STORE_IDENTITY_STREAM).toBe('storeIdentity');
    expect(await events()).toEqual([
      expect.objectContaining({
        revision: 0,
        type: 'StoreIdentified',
        data: { storeId, secretCheck: secrets.checkValue },
        metadata: {
          v: 1,
          commandId: expect.any(String),
          payloadHash: expect.any(String),
          correlationId: expect.any(String),
          causationId: expect.any(String),
          actor: { kind: 'system', id: 'storeIdentity' },
          occurredAt: expect.stringMatching(/Z$/),
        },
      }),
    ]);
  });

  it('stays the same on every later start', async () => {
    const first = await openStoreIdentity(store, secrets, clock);
    expect(await openStoreIdentity(store, secrets, clock)).toEqual(first);
    expect(await events()).toHaveLength(1);
  });

  it('is one for all who start at once', async () => {
    const seen = await Promise.all(Array.from({ length: 12 }, () => openStoreIdentity(store, secrets, clock)));
    expect(new Set(seen.map(({ storeId }) => storeId)).size).toBe(1);
    expect(await events()).toHaveLength(1);
  });

  it('refuses a start with another secret in one sentence', async () => {
    await openStoreIdentity(store, secrets, clock);
    const refused = openStoreIdentity(store, otherSecrets, clock);
    await expect(refused).rejects.toThrow(WrongShopSecret);
    await expect(refused).rejects.toThrow(/^SHOP_SECRET [^.]+\.$/);
  });

  it('of those who start at once, lets only those in whose secret came first', async () => {
    const starts = await Promise.allSettled(
      [secrets, otherSecrets, secrets, otherSecrets].map((own) => openStoreIdentity(store, own, clock)),
    );
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(await events()).toHaveLength(1);
  });

  it('is another one after a restore, and knows which it was', async () => {
    const { storeId: previousStoreId } = await openStoreIdentity(store, secrets, clock);
    const { storeId } = await restoreStore(store, secrets, clock);
    expect(storeId).not.toBe(previousStoreId);
    expect((await events())[1]).toMatchObject({ type: 'StoreRestored', data: { storeId, previousStoreId } });
    expect(await openStoreIdentity(store, secrets, clock)).toEqual({ storeId, previous: [previousStoreId] });
    await expect(openStoreIdentity(store, otherSecrets, clock)).rejects.toThrow(WrongShopSecret);

    const third = await restoreStore(store, secrets, clock);
    expect((await events())[2]).toMatchObject({ data: { storeId: third.storeId, previousStoreId: storeId } });
  });

  it('is not restored with another secret', async () => {
    await openStoreIdentity(store, secrets, clock);
    await expect(restoreStore(store, otherSecrets, clock)).rejects.toThrow(WrongShopSecret);
    expect(await events()).toHaveLength(1);
  });

  it('is what was written, where that came to be known at the next start only', async () => {
    const forgetful = behaving(async (...append) => {
      await store.append(...append);
      throw new OutcomeUnknown(append[0]);
    });
    await expect(openStoreIdentity(forgetful, secrets, clock)).rejects.toThrow(OutcomeUnknown);
    const { storeId } = await openStoreIdentity(forgetful, secrets, clock);
    expect(await events()).toMatchObject([{ data: { storeId } }]);
    expect(await openStoreIdentity(store, secrets, clock)).toEqual({ storeId, previous: [] });
  });

  it('is not made up while the store cannot be written', async () => {
    const full = behaving(() => Promise.reject(new StoreUnavailable('The disk is full.')));
    await expect(openStoreIdentity(full, secrets, clock)).rejects.toThrow(StoreUnavailable);
    const lossy = behaving((stream) => Promise.reject(new OutcomeUnknown(stream)));
    await expect(openStoreIdentity(lossy, secrets, clock)).rejects.toThrow(OutcomeUnknown);
    expect(await events()).toEqual([]);
  });
});
