import { loadConfig } from '#src/config';
import { seedDemo } from '#src/demo/seed';
import { openShop } from '#src/shop';
import { tempFolder } from '../support/temp-folder';
import { requestsTo } from '../support/shop-app';
it('times', async () => {
  const shop = await openShop(loadConfig({ DATA_DIR: tempFolder(), PORT: '0', LOG_LEVEL: 'error' }, []));
  await shop.app.listen(0, '127.0.0.1');
  const r = requestsTo(await shop.app.getUrl());
  const t = performance.now();
  await seedDemo(shop.app);
  console.log('seed ms', performance.now() - t, process.memoryUsage().rss / 1e6);
  const t2 = performance.now();
  await seedDemo(shop.app);
  console.log('again ms', performance.now() - t2);
  for (let i = 0; i < 100; i++) { const a = await r('GET', '/api/products?limit=1'); if (a.body.total === 200) { console.log('visible after', performance.now() - t2); break; } await new Promise((f) => setTimeout(f, 50)); }
  for (const q of ['?q=mug&limit=2&facets=category&facets=brand&facets=attribute&facets=price', '?category=Kitchen&facets=category&limit=1', '?sort=price&currency=EUR&limit=3', '?q=harb', '?attribute=colour:sand&attribute=colour:ink&limit=1', '?brand=Kiln%20%26%20Co&inStock=true&limit=1', '?mine=true', '?sort=price', '?q=x&foo=1', '?attribute=foo', '?facets=foo']) {
    const a = await r('GET', `/api/products${q}`);
    console.log(q, a.status, JSON.stringify(a.body).slice(0, 1800), a.headers.get('link'));
  }
  await shop.stop();
});
