import Database from 'libsql';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyStoreUnavailable } from '#src/kernel/personal-data/personal';
import { SqliteKeyStore, type SqliteKeyStoreOptions } from '#src/kernel/personal-data/sqlite-key-store';
import { keyStoreContract } from './key-store.contract';

const newFolder = () => mkdtemp(join(tmpdir(), 'chronocart-keys-'));

keyStoreContract('SQLite', async () => {
  const folder = await newFolder();
  return {
    open: () => SqliteKeyStore.open({ file: join(folder, 'keys.db') }),
    dispose: () => rm(folder, { recursive: true }),
  };
});

describe('key store in a SQLite file', () => {
  let folder: string;
  let file: string;
  const opened: SqliteKeyStore[] = [];
  const open = async (options: Partial<SqliteKeyStoreOptions> = {}) => {
    const keys = await SqliteKeyStore.open({ file, ...options });
    opened.push(keys);
    return keys;
  };

  beforeEach(async () => {
    folder = await newFolder();
    file = join(folder, 'keys.db');
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((keys) => keys.close()));
    await rm(folder, { recursive: true });
  });

  /** How many of the keys any file of the folder still holds, whole or in part. */
  async function stillOnDisk(keys: readonly Uint8Array[]): Promise<number> {
    const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
    const partsOf = (key: Uint8Array) => [0, 24, 45].map((start) => Buffer.from(key.subarray(start, start + 16)));
    return keys.filter((key) => partsOf(key).some((part) => files.some((bytes) => bytes.includes(part)))).length;
  }

  it('leaves no byte of an erased key in any file', async () => {
    const [keys, other] = [await open(), await open()];
    const wrapped = Array.from({ length: 1_200 }, () => new Uint8Array(randomBytes(61)));
    for (let i = 0; i < wrapped.length; i += 100) {
      await Promise.all(wrapped.slice(i, i + 100).map((key, n) => keys.add(`subject-${i + n}`, 'profile', key)));
      await other.find(`subject-${i}`, 'profile');
    }
    expect(await stillOnDisk(wrapped)).toBe(wrapped.length);

    await Promise.all(wrapped.map((_, i) => (i % 3 === 0 ? keys.erase(`subject-${i}`) : undefined)));
    await other.erase('subject-1', 'profile');

    const erased = wrapped.filter((_, i) => i % 3 === 0 || i === 1);
    expect(await stillOnDisk(erased)).toBe(0);
    expect(await stillOnDisk(wrapped)).toBe(wrapped.length - erased.length);
  });

  it('refuses to call a key erased while another process still reads it, and makes up for it later', async () => {
    const keys = await open({ patienceMs: 30 });
    const wrapped = [new Uint8Array(randomBytes(61)), new Uint8Array(randomBytes(61))];
    await keys.add('ann', 'profile', wrapped[0] as Uint8Array);
    await keys.add('bob', 'profile', wrapped[1] as Uint8Array);
    const reader = new Database(file);
    reader.exec('BEGIN');
    reader.prepare('SELECT * FROM keys').all();

    await expect(keys.erase('ann')).rejects.toThrow(KeyStoreUnavailable);
    await expect(keys.erase('bob')).rejects.toThrow(KeyStoreUnavailable);
    expect(await keys.find('ann', 'profile')).toBe('erased');
    expect(await stillOnDisk(wrapped)).toBe(2);

    reader.exec('COMMIT');
    reader.close();
    await keys.erase('ann');
    expect(await stillOnDisk(wrapped)).toBe(0);
  });

  it('finishes at start what a crash cut short', async () => {
    const wrapped = new Uint8Array(randomBytes(61));
    const keys = await open({ patienceMs: 30 });
    await keys.add('ann', 'profile', wrapped);
    const reader = new Database(file);
    reader.exec('BEGIN');
    reader.prepare('SELECT * FROM keys').all();
    await expect(keys.erase('ann')).rejects.toThrow(KeyStoreUnavailable);
    await keys.close();
    reader.exec('COMMIT');
    reader.close();
    expect(await stillOnDisk([wrapped])).toBe(1);

    await open();
    expect(await stillOnDisk([wrapped])).toBe(0);
  });

  it('shares one commit among the keys of one turn', async () => {
    const keys = await open();
    const add = (i: number, turn: string) => keys.add(`${turn}-${i}`, 'profile', randomBytes(61));
    const logSize = async () => (await stat(`${file}-wal`)).size;

    await Promise.all(Array.from({ length: 100 }, (_, i) => add(i, 'same')));
    const together = await logSize();
    for (let i = 0; i < 100; i++) await add(i, 'own');
    const oneByOne = (await logSize()) - together;
    // Each commit writes at least a page of the table and a page of its index.
    expect(oneByOne).toBeGreaterThanOrEqual(100 * 2 * 4096);
    expect(together).toBeLessThan(oneByOne / 5);
  });

  it('waits for another writer without blocking the event loop, and gives up in the end', async () => {
    const keys = await open({ patienceMs: 200 });
    const writer = new Database(file);
    writer.exec('BEGIN IMMEDIATE');
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await expect(keys.add('ann', 'profile', randomBytes(61))).rejects.toThrow(KeyStoreUnavailable);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);

    const patient = keys.add('ann', 'profile', randomBytes(61));
    setImmediate(() => writer.exec('ROLLBACK'));
    expect(await patient).toBeInstanceOf(Uint8Array);
    writer.close();
  });

  it('refuses new keys when the disk is full, and still erases', async () => {
    const keys = await open({ maxPageCount: 10 });
    const stored: string[] = [];
    const fill = async () => {
      for (;;) {
        await keys.add(`subject-${stored.length}`, 'profile', randomBytes(61));
        stored.push(`subject-${stored.length}`);
      }
    };
    await expect(fill()).rejects.toThrow(KeyStoreUnavailable);
    for (const subject of stored) expect(await keys.find(subject, 'profile')).toBeInstanceOf(Uint8Array);
    await keys.erase('subject-0');
    expect(await keys.find('subject-0', 'profile')).toBe('erased');
  });

  it('is unavailable, not empty, once it is closed or where its file is no key store', async () => {
    const keys = await open();
    await keys.close();
    await expect(keys.find('ann', 'profile')).rejects.toThrow(KeyStoreUnavailable);
    await expect(keys.add('ann', 'profile', randomBytes(61))).rejects.toThrow(KeyStoreUnavailable);
    await expect(keys.erasures()).rejects.toThrow(KeyStoreUnavailable);
    await expect(SqliteKeyStore.open({ file: folder })).rejects.toThrow(KeyStoreUnavailable);
  });

  const onPosix = process.platform === 'win32' ? it.skip : it;
  onPosix('is readable by its owner alone', async () => {
    const keys = await open();
    await keys.add('ann', 'profile', randomBytes(61));
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
  });
});
