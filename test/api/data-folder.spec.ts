import { chmodSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { loadConfig } from '#src/config';
import { openServers } from '#src/app/servers';
import { EventsMissing } from '#src/kernel/event-store/data-folder';
import { WrongKeyStore } from '#src/kernel/personal-data/whose-keys';
import { startShop } from '../support/shop-app';
import { tempFolder } from '../support/temp-folder';

/** A folder of a shop that has sealed something and was stopped. */
async function usedFolder(): Promise<string> {
  const folder = tempFolder();
  await (await startShop(folder)).stop({ keepFolder: true });
  return folder;
}

const remove = (folder: string, name: string) => {
  for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `${name}${end}`), { force: true });
};

const open = (folder: string, ...argv: string[]) =>
  openServers(loadConfig({ DATA_DIR: folder, LOG_LEVEL: 'error' }, ['--no-demo', ...argv]));

describe('a shop whose keys are not those of its events', () => {
  let folder: string;
  beforeEach(async () => (folder = await usedFolder()));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('does not start on an empty key store, however often it is tried, and does with the right one', async () => {
    const keys = join(folder, 'keys.db');
    const backup = join(folder, 'backup.db');
    const database = new Database(keys);
    database.exec(`VACUUM INTO '${backup}'`);
    database.close();
    remove(folder, 'keys.db');
    for (let tries = 0; tries < 2; tries++) await expect(open(folder)).rejects.toBeInstanceOf(WrongKeyStore);
    await expect(open(folder)).rejects.toThrow(
      /^The event store holds personal data, and the key store has no keys of it/,
    );
    remove(folder, 'keys.db');
    const restored = new Database(backup);
    restored.exec(`VACUUM INTO '${keys}'`);
    restored.close();
    await (await open(folder)).close();
  });

  it('does not start on the keys of another shop', async () => {
    const other = await usedFolder();
    remove(folder, 'keys.db');
    const database = new Database(join(other, 'keys.db'));
    database.exec(`VACUUM INTO '${join(folder, 'keys.db')}'`);
    database.close();
    rmSync(other, { recursive: true, force: true });
    await expect(open(folder)).rejects.toThrow(/^The key store holds the keys of another shop/);
  });

  it('starts on a key store of the first release, which says nothing of whose it is', async () => {
    const database = new Database(join(folder, 'keys.db'));
    database.exec('DROP TABLE assigned');
    database.close();
    await (await open(folder)).close();
  });

  it('goes on without the lost keys when an operator says so, once', async () => {
    remove(folder, 'keys.db');
    await (await open(folder, '--accept-lost-keys')).close();
    await (await open(folder)).close();
  });
});

describe('a data folder', () => {
  it('without its events is refused, and no new store is made in it', async () => {
    const folder = await usedFolder();
    remove(folder, 'events.db');
    await expect(open(folder)).rejects.toBeInstanceOf(EventsMissing);
    await expect(open(folder)).rejects.toThrow(/has keys\.db, but not events\.db/);
    rmSync(folder, { recursive: true, force: true });
  });

  it('that is none is refused in one sentence that names the variable', async () => {
    const folder = tempFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(open(file)).rejects.toThrow(/^DATA_DIR \S+ can't be used as the data folder \(EEXIST\): [^.]+\.$/);
    rmSync(folder, { recursive: true, force: true });
  });

  it('is closed to others, also where an earlier release has made it', async () => {
    const folder = await usedFolder();
    chmodSync(folder, 0o755);
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), statSync(join(folder, name)).mode | 0o044);
    await (await open(folder)).close();
    const modes = ['.', ...readdirSync(folder)].map((name) => [name, statSync(join(folder, name)).mode & 0o077]);
    expect(modes.filter(([, others]) => others !== 0)).toEqual([]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('whose read models are damaged is opened, and they are folded again', async () => {
    const folder = await usedFolder();
    writeFileSync(join(folder, 'read-models.db'), 'no database '.repeat(1_000));
    const again = await startShop(folder);
    expect((await again.request('GET', '/api/products')).status).toBe(200);
    await again.stop();
  });

  it('whose event store is damaged is not ready, and asks for no other try', async () => {
    const folder = await usedFolder();
    const shop = await startShop(folder);
    const database = new Database(join(folder, 'events.db'));
    database.exec(`UPDATE events SET data = '{' WHERE type = 'StoreIdentified'`);
    database.close();
    await expect(shop.shop.servers.store.readStream('storeIdentity')).rejects.toThrow('damaged');
    const ready = await shop.shop.app.inject('/health/ready');
    expect(ready.statusCode).toBe(503);
    expect(ready.body).toContain('The event store is damaged');
    await shop.stop();
  });
});
