import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OpenApi, Schema } from '../support/built-openapi';
import { DocumentedAnswers, UndocumentedAnswer, type HeardAnswer } from '../support/documented-answers';
import { requestsTo } from '../support/shop-app';

const text = { type: 'string' };
const of = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const problems = (...codes: string[]) => ({
  content: {
    'application/problem+json': {
      schema: of('Problem'),
      examples: Object.fromEntries(codes.map((code) => [code, {}])),
    },
  },
});

const schemas: Record<string, Schema> = {
  Line: {
    type: 'object',
    properties: { sku: text, quantity: { type: 'integer' }, note: text },
    required: ['sku', 'quantity'],
  } as Schema,
  Cart: {
    type: 'object',
    properties: {
      cartId: { type: 'string', format: 'uuid' },
      lines: { type: 'array', items: of('Line') },
      last: { anyOf: [of('Line'), { type: 'null' }] },
      status: { type: 'string', enum: ['open', 'closed'] },
      labels: { type: 'object', additionalProperties: text as Schema },
    },
    required: ['cartId', 'lines'],
  } as Schema,
  Problem: { type: 'object', properties: { code: text as Schema }, additionalProperties: true },
};
const cart = { content: { 'application/json': { schema: of('Cart') } } };
const answers = new DocumentedAnswers({
  paths: {
    '/api/carts/{cartId}': {
      get: { responses: { 200: cart, 304: {}, 404: { $ref: '#/components/responses/cart-unknown' } } },
      delete: { responses: { 204: {} } },
    },
    '/api/carts/mine': { get: { responses: { 200: { content: { 'text/plain': { schema: text } } } } } },
  },
  components: { schemas, responses: { 'cart-unknown': problems('cart-unknown') } },
} as OpenApi);

const CART = { cartId: '0198c0de-0000-7000-8000-000000000001', lines: [{ sku: 'A', quantity: 1 }] };

const heard = (body: unknown, more: Partial<HeardAnswer> = {}): HeardAnswer => ({
  method: 'GET',
  path: '/api/carts/7?wait=1',
  status: 200,
  contentType: 'application/json; charset=utf-8',
  text: typeof body === 'string' ? body : JSON.stringify(body),
  ...more,
});
const problem = (status: number, code: string, more: Partial<HeardAnswer> = {}) =>
  heard({ code, more: 1 }, { status, contentType: 'application/problem+json', ...more });
const plain = { path: '/api/carts/mine', contentType: 'text/plain' };

it.each([
  ['a body that its schema takes', heard(CART)],
  ['one with everything that may be there', heard({ ...CART, last: null, status: 'open', labels: { any: 'thing' } })],
  ['no body where none is documented', heard('', { method: 'DELETE', status: 204, contentType: null })],
  ['nothing new', heard('', { status: 304, contentType: null })],
  ['a documented problem', problem(404, 'cart-unknown')],
  ['text, by the route that has the path itself', heard('mine', plain)],
  ['that there is no such route', problem(404, 'route-not-found', { path: '/api/nothing' })],
  ['what is no part of the API', heard({ status: 'live' }, { path: '/health/live' })],
])('takes %s', (_, answer) => expect(answers.fault(answer)).toBeNull());

const ROUTE = 'GET /api/carts/{cartId} answered';
it.each([
  [
    'a status that is not documented',
    problem(409, 'cart-full'),
    `${ROUTE} 409, which is not documented (200, 304, 404 are): {"code":"cart-full","more":1}`,
  ],
  [
    'a problem that is not documented',
    problem(404, 'gone'),
    `${ROUTE} 404, with the code gone (cart-unknown are documented)`,
  ],
  [
    'a route that is not documented',
    heard(CART, { method: 'PUT' }),
    'PUT /api/carts/{cartId} answered 200, and there is no such route in the reference',
  ],
  [
    'a path that is not documented',
    heard(CART, { path: '/api/stock' }),
    'GET /api/stock answered 200, and there is no such route in the reference',
  ],
  [
    'another type of content',
    heard('x', { contentType: 'text/html' }),
    `${ROUTE} 200, of type text/html (application/json is documented)`,
  ],
  ['no body', heard(''), `${ROUTE} 200, without the documented body`],
  [
    'a body where none is documented',
    heard(CART, { method: 'DELETE', status: 204 }),
    /^DELETE .* answered 204, with a body that is not documented: /,
  ],
  [
    'a member that is missing',
    heard({ lines: [] }),
    `${ROUTE} 200, which its schema does not say: the body must have required property 'cartId'`,
  ],
  [
    'a member of another type',
    heard({ ...CART, lines: [{ sku: 7, quantity: 1 }] }),
    `${ROUTE} 200, which its schema does not say: /lines/0/sku must be string`,
  ],
  [
    'another format',
    heard({ ...CART, cartId: '7' }),
    `${ROUTE} 200, which its schema does not say: /cartId must match format "uuid"`,
  ],
  [
    'another word',
    heard({ ...CART, status: 'lost' }),
    /\/status must be equal to one of the allowed values \(open, closed\)$/,
  ],
  [
    'a member that is not named',
    heard({ ...CART, total: 1 }),
    `${ROUTE} 200, which its schema does not say: /total is not named`,
  ],
  [
    'one in a list',
    heard({ ...CART, lines: [{ sku: 'A', quantity: 1, price: 1 }] }),
    /: \/lines\/0\/price is not named$/,
  ],
  [
    'one in what may be null',
    heard({ ...CART, last: { sku: 'A', quantity: 1, price: 1 } }),
    /: \/last\/price is not named/,
  ],
])('sees %s', (_, answer, fault) =>
  expect(answers.fault(answer)).toEqual(typeof fault === 'string' ? fault : expect.stringMatching(fault)),
);

it('fails the test that has asked, by the reference of the compiled shop', async () => {
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'application/json').end('{"mine":1}'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ask = requestsTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await expect(ask('GET', '/api/cart')).rejects.toThrow(UndocumentedAnswer);
  await expect(ask('GET', '/api/cart')).rejects.toThrow(
    /^GET \/api\/cart answered 200, which its schema does not say: /,
  );
  server.close();
  server.closeAllConnections();
});
