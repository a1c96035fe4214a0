import { newId } from '#src/kernel/ids';
import { builtOpenApi } from '../support/built-openapi';
import { bodyFor } from '../support/openapi-bodies';
import { startShop, type RunningShop } from '../support/shop-app';
import { addToCart, checkOut, stocked } from '../support/shopping';

/*
 * What belongs to somebody else does not exist. Every operation on a product, its variants, its stock, an order or a line of a cart is
 * asked for by everybody but its owner, plainly, with an If-Match, and as of another moment: for what there is, and for ids that are
 * nobody's. The answers are the same.
 */

/** The parameters of a path that name something that has an owner; what has another one takes part by being named here. */
const OWNED = ['productId', 'variantId', 'orderId', 'lineId'] as const;
type Ids = Readonly<Record<(typeof OWNED)[number], string>>;

const nobodys = (): Ids => ({ productId: newId(), variantId: newId(), orderId: newId(), lineId: newId() });

/** Parameters that name nobody's own, so that operations with them alone are left out. */
const SHARED = ['accountId', 'code', 'correlationId', 'file', 'jobId', 'name', 'projection', 'role', 'slug', 'stream'];

const WAYS: readonly [name: string, query: string, headers: Readonly<Record<string, string>>][] = [
  ['plainly', '', {}],
  ['with an If-Match', '', { 'if-match': '"0.AAAAAAAAAAAAAAAA"' }],
  ['with a stale If-Match', '', { 'if-match': '"99.AAAAAAAAAAAAAAAA"' }],
  ['as of a revision', '?asOf=revision:0', {}],
  ['as of now', '?asOf=now', {}],
  ['as of a time', '?asOf=2000-01-01', {}],
];

const STRANGERS = ['nobody', 'guest', 'customer', 'seller', 'courier'] as const;
type Stranger = (typeof STRANGERS)[number];

let shop: RunningShop;
const api = builtOpenApi();
let tokens: Readonly<Record<Stranger, string | undefined>>;
let somebodys: Ids[];
beforeAll(async () => {
  shop = await startShop();
  tokens = {
    nobody: undefined,
    guest: await shop.tokens.guest(),
    customer: await shop.tokens.customer(),
    seller: await tokenOf('seller'),
    courier: await tokenOf('courier'),
  };
  const buyer = await shop.tokens.guest();
  const [draft, archived, sold] = [await stocked(shop), await stocked(shop), await stocked(shop)];
  await addToCart(shop, buyer, sold);
  const { orderId } = (await checkOut(shop, buyer)).body as { orderId: string };
  const lineId = (await addToCart(shop, buyer, sold)).body.lines[0].lineId as string;
  await shop.request('POST', `/api/products/${draft.productId}/unpublish`, { token: shop.tokens.seller });
  await shop.request('DELETE', `/api/products/${archived.productId}`, { token: shop.tokens.seller });
  somebodys = [draft, archived].map((ware) => ({ ...ware, orderId, lineId }));
}, 60_000);
afterAll(() => shop.stop());

async function tokenOf(role: string): Promise<string> {
  const body = { email: `${newId()}@example.com`, password: newId() };
  const { accountId } = (await shop.request('POST', '/api/auth/register', { body })).body.account;
  await shop.request('POST', `/api/admin/accounts/${accountId}/roles`, { token: shop.tokens.admin, body: { role } });
  return (await shop.request('POST', '/api/auth/login', { body })).body.accessToken as string;
}

const parametersOf = (path: string) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

const operationsOnOwned = () =>
  Object.entries(api.paths).flatMap(([path, item]) =>
    parametersOf(path).some((name) => (OWNED as readonly string[]).includes(name))
      ? Object.keys(item).map((method) => ({ method: method.toUpperCase(), path }))
      : [],
  );

/** What is told, without what names the resource or the request. */
async function told(
  { method, path }: { method: string; path: string },
  ids: Ids,
  stranger: Stranger,
  [, query, headers]: (typeof WAYS)[number],
): Promise<string> {
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name as keyof Ids] ?? newId());
  const token = tokens[stranger];
  const { body: example } = bodyFor(api, method, path) ?? {};
  // Bodies name the product that the variant is of.
  const body = example && ('productId' in example ? { ...example, productId: ids.productId } : example);
  const answer = await shop.request(method, url + query, {
    headers,
    ...(token === undefined ? {} : { token }),
    ...(body === undefined ? {} : { body }),
  });
  const { instance: _, traceId: __, ...problem } = answer.body as Record<string, unknown>;
  let text = JSON.stringify([
    answer.status,
    answer.headers.get('etag'),
    answer.headers.get('consistency-token'),
    problem,
  ]);
  for (const id of Object.values(ids)) text = text.replaceAll(id, '{id}');
  return text;
}

it('every parameter of a path is known to be somebody’s own, or not', () => {
  const known = new Set<string>([...OWNED, ...SHARED]);
  const names = Object.keys(api.paths).flatMap(parametersOf);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
});

it('the operations are those that there are', () => {
  expect(operationsOnOwned().length).toBeGreaterThan(15);
});

it.each(WAYS.map((way) => [way[0], way] as const))(
  'what is somebody else’s is as if it were not there, %s',
  async (_, way) => {
    const differences: string[] = [];
    for (const operation of operationsOnOwned())
      for (const stranger of STRANGERS) {
        const [none, ...some] = await Promise.all(
          [nobodys(), ...somebodys].map(async (ids) => told(operation, ids, stranger, way)),
        );
        for (const is of some)
          if (is !== none)
            differences.push(`${operation.method} ${operation.path} by ${stranger}: ${is} is not ${none}`);
      }
    expect(differences).toEqual([]);
  },
  120_000,
);

describe('what is published', () => {
  it.each([
    ['nobody', 403],
    ['guest', 403],
    ['customer', 403],
    ['seller', 403],
  ] as const)('was before for its seller alone, admins and analysts: not for %s', async (stranger, status) => {
    const { productId, variantId } = await stocked(shop);
    const headers = tokens[stranger] === undefined ? {} : { token: tokens[stranger] };
    const analyst = await tokenOf('analyst');
    for (const path of [`/api/products/${productId}`, `/api/stock/${variantId}`]) {
      expect((await shop.request('GET', path, headers)).status).toBe(200);
      for (const asOf of ['revision:0', 'now', '1', '2000-01-01'])
        expect((await shop.request('GET', `${path}?asOf=${asOf}`, headers)).status).toBe(status);
      expect((await shop.request('GET', `${path}?asOf=now`, { token: analyst })).status).toBe(200);
      expect((await shop.request('GET', `${path}?asOf=now`, { token: shop.tokens.seller })).status).toBe(200);
    }
  });
});
