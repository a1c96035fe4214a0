import { loadConfig } from '#src/config';
import { openShop, type Shop } from '#src/app/open-shop';
import type { Servers } from '#src/app/servers';

/** A shop of this process on a folder that another one has left. */
export interface ReopenedShop {
  readonly shop: Shop;
  readonly url: string;
}

export const configOf = (folder: string) =>
  loadConfig({ DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'error', RATE_LIMITS: 'off' }, ['--no-demo']);

/** Opens the folder as a start does, and listens on a free port. `given`: servers in place of the folder's own. */
export async function reopenShop(folder: string, given?: Servers): Promise<ReopenedShop> {
  const shop = await openShop(configOf(folder), { servers: given });
  await shop.open();
  return { shop, url: await shop.app.getUrl() };
}
