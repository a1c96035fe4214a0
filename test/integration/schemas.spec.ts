import Ajv2020 from 'ajv/dist/2020';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { cloudEventOf } from '#src/integration/cloud-event';
import { publicContracts, publicEventOf } from '#src/integration/contracts/public-contract';
import { SchemasController } from '#src/integration/schemas.controller';
import { streamOf } from '#src/kernel/aggregate';
import { createHttpApp } from '#src/kernel/http/http-app';
import { stored } from '../support/given-projection';
import { moduleWith, STORE_ID } from '../support/http-kernel';

const ORDER = 'a8c4e2f0-1b3d-5f5a-9c7e-0a1b2c3d4e01';
const publicUrl = 'http://localhost:3000';

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await createHttpApp(
    moduleWith(SchemasController),
    { bodyLimit: 10_000, publicUrl },
    { nest: { logger: false } },
  );
  await app.init();
});
afterAll(() => app.close());

const get = (url: string) => app.inject({ method: 'GET', url });

describe('GET /api/integration/schemas', () => {
  it('lists every type that is published, with the place of its schema', async () => {
    const { items } = (await get('/api/integration/schemas')).json<{ items: { type: string; href: string }[] }>();
    const types = publicContracts.flatMap(({ types }) => [...types.values()].map(({ type }) => type));
    expect(items.map(({ type }) => type)).toEqual(types);
    for (const { href } of items) expect((await get(href)).statusCode).toBe(200);
  });
});

describe('GET /api/integration/schemas/:file', () => {
  it('is where dataschema of an event leads, and what its data is', async () => {
    const event = stored({ type: 'OrderConfirmed', data: { orderId: ORDER }, stream: streamOf('order', ORDER) });
    const found = publicEventOf(event);
    if (!found) throw new Error('It is not published.');
    const record = cloudEventOf(found.context, found.event, { storeId: STORE_ID, publicUrl });
    const { statusCode, headers, body } = await get(new URL(record.headers['ce_dataschema'] as string).pathname);
    expect([statusCode, headers['content-type']]).toEqual([200, 'application/schema+json; charset=utf-8']);
    const schema = JSON.parse(body) as object;
    expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', title: found.event.type });
    expect(new Ajv2020().compile(schema)(JSON.parse(record.value))).toBe(true);
  });

  it.each(['chronocart.ordering.order-confirmed.v1', 'chronocart.ordering.order-eaten.v1.json', '__proto__'])(
    'does not know %s',
    async (file) => {
      const answer = await get(`/api/integration/schemas/${file}`);
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'not-found']);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    },
  );
});
