import { setTimeout as sleep } from 'node:timers/promises';
import { addToCart, checkOut, stocked } from '../support/shopping';
import type { RunningServer } from '../support/servers/java';
import { dropDatabase, newDatabase } from '../support/servers/mongo-databases';
import { startMongoWireServer } from '../support/servers/mongo-wire-server';
import { addressOf, describeOn } from '../support/servers/real-servers';
import { startShop, type RunningShop } from '../support/shop-app';

jest.setTimeout(300_000);

describeOn(['mongodb'], 'MongoDB that loses the read models under a running shop', () => {
  let server: RunningServer;
  let shop: RunningShop;

  afterEach(async () => {
    await shop?.stop();
    await server?.kill();
  });

  it.each(['the database is dropped', 'the server comes back empty'])(
    'is answered for with 503 from the first question on, also with a token, until they are complete again: %s',
    async (how) => {
      server = await startMongoWireServer();
      const database = newDatabase(server.address);
      shop = await startShop(undefined, { MONGODB_URL: database, MONGODB_KEYS_URL: newDatabase(addressOf('mongodb')) });
      const token = await shop.tokens.guest();
      await addToCart(shop, token, await stocked(shop));
      const ordered = await checkOut(shop, token);
      expect(ordered.status).toBe(202);
      const headers = { 'consistency-token': ordered.headers.get('consistency-token')!, prefer: 'wait=0' };
      const paths = [ordered.headers.get('location')!, '/api/orders/history', '/api/products?limit=5'];
      const sizeOf = (body: { items?: unknown[] }) => body.items?.length ?? 1;
      const whole = await Promise.all(
        paths.map(async (path) => {
          for (;;) {
            const { status, body } = await shop.request('GET', path, { token, headers });
            if (status === 200) return sizeOf(body as { items?: unknown[] });
            await sleep(20);
          }
        }),
      );
      expect(whole).toEqual([1, 1, 1]);
      if (how === 'the database is dropped') await dropDatabase(database);
      else {
        const port = Number(/:(\d+)$/.exec(server.address)![1]);
        await server.kill();
        server = await startMongoWireServer(port);
      }
      let refused = 0;
      for (let right = 0; right < paths.length;) {
        right = 0;
        for (const path of paths) {
          for (const asked of [headers, {}]) {
            const { status, body } = await shop.request('GET', path, { token, headers: asked });
            if (status === 503) refused++;
            else expect([path, status, sizeOf(body as { items?: unknown[] })]).toEqual([path, 200, 1]);
            if (status === 200 && asked === headers) right++;
          }
        }
        await sleep(10);
      }
      expect(refused).toBeGreaterThan(0);
    },
  );
});
