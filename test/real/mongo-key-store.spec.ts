import { MongoClient } from 'mongodb';
import { randomBytes } from 'node:crypto';
import { MongoKeyStore } from '#src/kernel/personal-data/mongo-key-store';
import { KeyStoreUnavailable } from '#src/kernel/personal-data/personal';
import { keyStoreContract } from '../contract/key-store.contract';
import { dropDatabase, newDatabase } from '../support/servers/mongo-databases';
import { startMongoWireServer } from '../support/servers/mongo-wire-server';
import { addressOf, describeOn } from '../support/servers/real-servers';

const wrapped = () => new Uint8Array(randomBytes(61));

describeOn(['mongodb'], 'MongoDB', () => {
  keyStoreContract('MongoDB', async () => {
    const url = newDatabase(addressOf('mongodb'));
    return { open: () => MongoKeyStore.open(url, '-keys'), dispose: () => dropDatabase(url) };
  });

  describe('a key store in MongoDB', () => {
    let url: string;
    let client: MongoClient;
    let keys: MongoKeyStore;

    beforeEach(async () => {
      url = newDatabase(addressOf('mongodb'));
      client = await MongoClient.connect(url);
      keys = await MongoKeyStore.open(url, '-keys');
    });

    afterEach(async () => {
      await keys.close();
      await client.close();
      await dropDatabase(url);
    });

    const database = () => client.db(`${client.db().databaseName}-keys`);

    it('leaves no byte of an erased key in its database', async () => {
      const [gone, stays] = [wrapped(), wrapped()];
      await keys.add('ann', 'profile', gone);
      await keys.add('bob', 'profile', stays);
      await keys.erase('ann');
      const collections = await database().listCollections({}, { nameOnly: true }).toArray();
      const all = await Promise.all(collections.map(({ name }) => database().collection(name).find().toArray()));
      const text = JSON.stringify(all);
      expect(text).toContain(Buffer.from(stays).toString('base64'));
      expect(text).not.toContain(Buffer.from(gone).toString('base64'));
    });

    it('finishes the erasure that a process which died had begun, before anybody trusts a key again', async () => {
      const before = await keys.erasures();
      const order = wrapped();
      await keys.add('ann', 'profile', wrapped());
      await keys.add('ann', 'order:1', order);
      const begun = { id: 'begun', keys: [{ subject: 'ann', purpose: 'profile' }] };
      await database()
        .collection<{ _id: string; begun: object[]; count: number }>('erasures')
        .updateOne({ _id: 'erasures' }, { $push: { begun }, $inc: { count: 1 } }, { upsert: true });

      const after = await keys.erasures();
      expect(after).toBeGreaterThan(before + 1);
      expect(await keys.find('ann', 'profile')).toBe('erased');
      expect(await keys.find('ann', 'order:1')).toEqual(order);
      expect(await keys.erasures()).toBe(after);
    });

    it('counts each erasure for those who hold keys, also when many erase at once', async () => {
      const others = await Promise.all(Array.from({ length: 4 }, () => MongoKeyStore.open(url, '-keys')));
      try {
        const subjects = Array.from({ length: 40 }, (_, n) => `subject ${n}`);
        await Promise.all(subjects.map((subject) => keys.add(subject, 'profile', wrapped())));
        await Promise.all(
          subjects.map(async (subject, n) => {
            const store = others[n % others.length]!;
            const before = await store.erasures();
            await store.erase(subject);
            expect(await keys.find(subject, 'profile')).toBe('erased');
            expect(await keys.erasures()).toBeGreaterThan(before);
          }),
        );
        expect(await keys.erasures()).toBe(2 * subjects.length);
      } finally {
        await Promise.all(others.map((store) => store.close()));
      }
    });
  });
});

describeOn(['mongodb'], 'a key store in MongoDB that goes away', () => {
  it('is said to be away, and is never taken for one without keys', async () => {
    const server = await startMongoWireServer();
    const keys = await MongoKeyStore.open(`${server.address}/shop`, '-keys');
    try {
      await keys.add('ann', 'profile', wrapped());
      await server.kill();
      await expect(keys.find('ann', 'profile')).rejects.toBeInstanceOf(KeyStoreUnavailable);
      await expect(keys.add('ann', 'order:1', wrapped())).rejects.toBeInstanceOf(KeyStoreUnavailable);
      await expect(keys.erase('ann')).rejects.toBeInstanceOf(KeyStoreUnavailable);
      await expect(keys.erasures()).rejects.toBeInstanceOf(KeyStoreUnavailable);
    } finally {
      await keys.close();
      await server.kill();
    }
  });
});
