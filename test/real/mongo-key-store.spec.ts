import { MongoKeyStore } from '#src/kernel/personal-data/mongo-key-store';
import { KeyStoreUnavailable } from '#src/kernel/personal-data/personal';
import { keyStoreContract } from '../contract/key-store.contract';
import { dropDatabase, newDatabase } from '../support/servers/mongo-databases';
import { startMongoWireServer } from '../support/servers/mongo-wire-server';
import { addressOf, describeOn } from '../support/servers/real-servers';

describeOn(['mongodb'], 'MongoDB', () => {
  keyStoreContract('MongoDB', async () => {
    const url = newDatabase(addressOf('mongodb'));
    return { open: () => MongoKeyStore.open(url, '-keys'), dispose: () => dropDatabase(url) };
  });
});

describeOn(['mongodb'], 'a key store in MongoDB that goes away', () => {
  it('is said to be away, and is never taken for one without keys', async () => {
    const server = await startMongoWireServer();
    const keys = await MongoKeyStore.open(`${server.address}/shop`, '-keys');
    try {
      await keys.add('ann', 'profile', new Uint8Array(61));
      await server.kill();
      await expect(keys.find('ann', 'profile')).rejects.toBeInstanceOf(KeyStoreUnavailable);
      await expect(keys.add('ann', 'order:1', new Uint8Array(61))).rejects.toBeInstanceOf(KeyStoreUnavailable);
      await expect(keys.erase('ann')).rejects.toBeInstanceOf(KeyStoreUnavailable);
      await expect(keys.erasures()).rejects.toBeInstanceOf(KeyStoreUnavailable);
    } finally {
      await keys.close();
      await server.kill();
    }
  });
});
