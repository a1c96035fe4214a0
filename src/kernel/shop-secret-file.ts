import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { MIN_SECRET_LENGTH } from './secret-strength';

/** The data folder neither has the shop's secret nor can be given one. */
export class ShopSecretUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ShopSecretUnavailable';
  }
}

/**
 * The secret of a shop whose configuration states none: the text in `<dataFolder>/shop-secret`, which is drawn (32 random
 * bytes, as base64url) and stored durably on the first start. Taken to SHOP_SECRET, the same text opens the same shop.
 * @throws ShopSecretUnavailable
 */
export async function loadOrCreateShopSecret(dataFolder: string): Promise<string> {
  const file = join(dataFolder, 'shop-secret');
  try {
    return (await readSecret(file)) ?? (await createSecret(dataFolder, file));
  } catch (error) {
    if (error instanceof ShopSecretUnavailable) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ShopSecretUnavailable(
      `SHOP_SECRET is not set, and the file ${file} can be neither read nor made (${code ?? message}).`,
      { cause: error },
    );
  }
}

async function readSecret(file: string): Promise<string | null> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (text.length >= MIN_SECRET_LENGTH) return text;
  throw new ShopSecretUnavailable(
    `The file ${file} does not hold a whole secret; put it back from a backup, or set SHOP_SECRET.`,
  );
}

/** A link instead of a rename: of two processes that start at once, both go on with the secret that came first. */
async function createSecret(dataFolder: string, file: string): Promise<string> {
  await mkdir(dataFolder, { recursive: true });
  const secret = randomBytes(32).toString('base64url');
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(`${secret}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file);
    await syncFolder(dataFolder);
    return secret;
  } catch (error) {
    const first = (error as NodeJS.ErrnoException).code === 'EEXIST' ? await readSecret(file) : null;
    if (first === null) throw error;
    return first;
  } finally {
    await unlink(draft).catch(ignoreMissing);
  }
}

/** Events that this secret sealed must not outlive the name of its file. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // has no way to do it
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
