import { rmSync } from 'node:fs';
import { loadConfig } from '#src/config';
import { demoCatalogue } from '#src/demo/demo-catalogue';
import { seedDemo } from '#src/demo/seed';
import { openShop, type Shop } from '#src/app/open-shop';
import { tempFolder } from '../support/temp-folder';

describe('the demo catalogue', () => {
  const products = demoCatalogue();

  it('has 200 products, the same ones each time, no two with one name or sku', () => {
    expect(products).toHaveLength(200);
    expect(demoCatalogue()).toEqual(products);
    expect(products.map(({ number }) => number)).toEqual(products.map((_, n) => n + 1));
    expect(new Set(products.map(({ name }) => name)).size).toBe(200);
    const skus = products.flatMap(({ variants }) => variants.map(({ sku }) => sku));
    expect(new Set(skus).size).toBe(skus.length);
  });

  it('has products with one variant and with several, in stock and sold out, in categories of two and three levels', () => {
    const counts = new Set(products.map(({ variants }) => variants.length));
    expect([...counts].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(products.map(({ categoryPath }) => categoryPath.length))).toEqual(new Set([2, 3]));
    const quantities = products.flatMap(({ variants }) => variants.map(({ quantity }) => quantity));
    expect(quantities.filter((quantity) => quantity === 0).length).toBeGreaterThan(10);
    expect(Math.max(...quantities)).toBeLessThan(100);
  });
});

describe('seeding', () => {
  let folder: string;
  let shop: Shop;
  beforeEach(async () => {
    folder = tempFolder();
    shop = await open();
  });
  afterEach(async () => {
    await shop.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const open = () => openShop(loadConfig({ DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'error' }, []));
  const countOf = async (type: string): Promise<number> => {
    const events = await shop.servers.store.readAll({ limit: 10_000 });
    return events.filter((event) => event.type === type).length;
  };

  it('fills an empty store once', async () => {
    expect(await seedDemo(shop.app)).toEqual({ products: 200 });
    const head = await shop.servers.store.head();
    expect(await seedDemo(shop.app)).toEqual({ products: 200 });
    expect(await shop.servers.store.head()).toEqual(head);
    const inStock = demoCatalogue().flatMap(({ variants }) => variants.filter(({ quantity }) => quantity > 0));
    expect([await countOf('ProductPublished'), await countOf('StockReceived')]).toEqual([200, inStock.length]);
  });

  it('goes on where an earlier start was interrupted', async () => {
    const stopped = seedDemo(shop.app).catch((error: unknown) => error);
    while ((await countOf('StockReceived')) < 20) await new Promise(setImmediate);
    const stop = shop.stop();
    await stopped;
    await stop;
    shop = await open();
    expect(await countOf('ProductCreated')).toBeLessThan(200);
    expect(await seedDemo(shop.app)).toEqual({ products: 200 });
    const inStock = demoCatalogue().flatMap(({ variants }) => variants.filter(({ quantity }) => quantity > 0));
    expect([
      await countOf('ProductCreated'),
      await countOf('ProductPublished'),
      await countOf('StockReceived'),
    ]).toEqual([200, 200, inStock.length]);
  });
});
