import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Heard, parcelApp } from '../support/http-kernel';

let app: NestFastifyApplication;
const heard = new Heard();
beforeAll(async () => {
  app = await parcelApp(heard);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(() => app.close());

it('tries', async () => {
  const show = async (method: 'GET'|'POST'|'PATCH'|'DELETE', url: string, payload?: unknown, headers: Record<string,string> = {}) => {
    const r = await app.inject({ method, url, payload: payload as string, headers });
    console.log(method, url, r.statusCode, JSON.stringify(r.headers, null, 1), r.body.slice(0, 1500));
  };
  await show('GET', '/nope');
  await show('DELETE', '/parcels');
  await show('GET', '/parcels/%zz');
  await show('POST', '/parcels', '{', { 'content-type': 'application/json' });
  await show('POST', '/parcels', { label: 'x', to: [], lines: [{ quantity: 1e308 }], extra: 1 }, { authorization: 'Bearer ann' });
  await show('POST', '/parcels', { label: 'xyz', to: {city: 'x'}, lines: [{ variantId: '0198C0de-0000-7000-8000-0000000000a1', quantity: 1 }] }, { authorization: 'Bearer ann', 'idempotency-key': 'abc' });
  for (const f of ['rejected','undeclared','unavailable','unknown','keyless','erased','defect','text']) await show('GET', '/parcels/fails/' + f);
  await show('GET', '/parcels?limit=2');
  await show('GET', '/parcels/me');
  await show('GET', '/health/ready');
  await show('GET', '/problems/json-invalid');
  await show('GET', '/docs');
  await show('GET', '/docs/swagger-ui-init.js');
  await show('GET', '/docs-json');
  await show('GET', '/docs/nope');
  console.log(heard.lines.join('\n'));
});
