/**
 * A shop with a long history, in a process of its own: `node shop-with-history.js <data folder> <guests>`. Says `ready <JSON>` when it
 * listens, and ends on SIGTERM.
 */
import 'reflect-metadata';
import { Tokens } from '#src/accounts/tokens';
import { newId } from '#src/kernel/ids';
import { startShop } from '../../support/shop-app';
import type { ShopForBench } from './shop';
import { stockUp, type Ware } from './wares';

const PRODUCTS = 50;
const QUANTITY = 1_000_000;
const PASSWORD = 'a bench with a long history';

export interface ShopWithHistory extends ShopForBench {
  readonly analyst: string;
}

async function main(): Promise<void> {
  const [folder = '', guests = '1000'] = process.argv.slice(2);
  const { shop, url, request, tokens, stop } = await startShop(folder, { HISTORY_PRIORITY: 'idle' });
  const person = { email: `${newId()}@example.com`, password: PASSWORD };
  const { body } = await request('POST', '/api/auth/register', { body: person });
  const path = `/api/admin/accounts/${body.account.accountId}/roles`;
  await request('POST', path, { token: tokens.admin, body: { role: 'analyst' } });
  const analyst = (await request('POST', '/api/auth/login', { body: person })).body.accessToken as string;
  const wares: Ware[] = [];
  for (let n = 0; n < PRODUCTS; n++) wares.push(...(await stockUp(shop, 1, QUANTITY)));
  const ready: ShopWithHistory = {
    url,
    wares,
    tokens: Array.from(
      { length: Number(guests) },
      () => shop.app.get(Tokens, { strict: false }).forGuest(newId()).accessToken,
    ),
    analyst,
  };
  process.stdout.write(`ready ${JSON.stringify(ready)}\n`);
  process.on('SIGTERM', () => void stop({ keepFolder: true }).then(() => process.exit(0)));
}

void main();
