import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { weaknessOf } from '#src/kernel/secret-strength';
import { loadOrCreateShopSecret, ShopSecretUnavailable } from '#src/kernel/shop-secret-file';

describe('the secret in the data folder', () => {
  let folder: string;
  let data: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chronocart-secret-'));
    data = join(folder, 'data');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is drawn on the first start and the same on every later one', async () => {
    const secret = await loadOrCreateShopSecret(data);
    expect(weaknessOf(secret)).toBeNull();
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(await loadOrCreateShopSecret(data)).toBe(secret);
    expect(await loadOrCreateShopSecret(join(folder, 'another'))).not.toBe(secret);
  });

  it('is one for all who start at once, and leaves no drafts', async () => {
    const secrets = await Promise.all(Array.from({ length: 20 }, () => loadOrCreateShopSecret(data)));
    expect(new Set(secrets).size).toBe(1);
    expect(await readdir(data)).toEqual(['shop-secret']);
    expect(await readFile(join(data, 'shop-secret'), 'utf8')).toBe(`${secrets[0]}\n`);
  });

  const onPosix = process.platform === 'win32' ? it.skip : it;
  onPosix('is readable by its owner alone', async () => {
    await loadOrCreateShopSecret(data);
    expect((await stat(join(data, 'shop-secret'))).mode & 0o777).toBe(0o600);
  });

  it('is never replaced when only a part of it is left', async () => {
    await loadOrCreateShopSecret(data);
    for (const rest of ['', 'abc\n']) {
      await writeFile(join(data, 'shop-secret'), rest);
      await expect(loadOrCreateShopSecret(data)).rejects.toThrow(ShopSecretUnavailable);
      expect(await readFile(join(data, 'shop-secret'), 'utf8')).toBe(rest);
    }
  });

  it('says what to do where it cannot be kept', async () => {
    await writeFile(data, 'a file where the folder should be');
    const refused = loadOrCreateShopSecret(data);
    await expect(refused).rejects.toThrow(ShopSecretUnavailable);
    await expect(refused).rejects.toThrow(/^SHOP_SECRET is not set, and the file .+\(\w+\)\.$/);
  });
});
