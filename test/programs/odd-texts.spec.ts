import { email, passwordHash, personName } from '#src/accounts/accounts.people';
import { newId } from '#src/kernel/ids';
import { pointerTo } from '#src/kernel/http/pointer';
import { openAll, personalKinds } from '#src/kernel/personal-data/find-sealed';
import { PersonalData } from '#src/kernel/personal-data/personal';
import type { Position } from '#src/kernel/position';
import { emailAddress } from '#src/kernel/text/email-address';
import { oneLine, severalLines } from '#src/kernel/text/text-kinds';
import { contact, recipient } from '#src/words/people';
import { builtOpenApi } from '../support/built-openapi';
import { oddTexts } from '../support/odd-texts';
import { bodyOperations, withValue, type Json, type TextPlace } from '../support/openapi-bodies';
import { startShop, type RunningShop } from '../support/shop-app';
import { addToCart, delivery, stocked, type Ware } from '../support/shopping';
import { TraceWatch } from '../support/traces';

/** Asked of programs beside the shop, that take seconds to start: what they are sent is never stored. */
const BESIDE_THE_SHOP = ['POST /api/history/sql', 'POST /api/history/exports'];

let shop: RunningShop;
let watch: TraceWatch;
let ware: Ware;
const api = builtOpenApi();
let buyer: string;
let lineId: string;
beforeAll(async () => {
  shop = await startShop();
  watch = new TraceWatch(shop);
  ware = await stocked(shop, { quantity: 900_000 });
  buyer = await shop.tokens.guest();
  lineId = (await addToCart(shop, buyer, ware)).body.lines[0].lineId as string;
}, 60_000);
afterAll(async () => {
  watch.close();
  await shop.stop();
});

/** How an operation is asked for so that nothing but the text can be wrong; the others are asked for with what their schema takes. */
const ASKED: Readonly<
  Record<string, (body: Json) => Promise<{ body: Json; token?: string }> | { body: Json; token?: string }>
> = {
  'POST /api/auth/register': ({ guestToken: _, ...body }) => ({
    body: { ...body, email: `${newId()}@example.com`, password: newId() },
  }),
  'POST /api/auth/login': ({ guestToken: _, ...body }) => ({ body }),
  'POST /api/products': ({ sellerId: _, slug: __, ...body }) => ({ body: withSku(body) }),
  'PATCH /api/products/{productId}': ({ slug: _, ...body }) => ({ body }),
  'POST /api/products/{productId}/variants': (body) => ({
    body: { ...body, sku: newSku(), options: { key: newSku() } },
  }),
  'PATCH /api/products/{productId}/variants/{variantId}': (body) => ({
    body: { ...body, sku: newSku(), options: { key: newSku() } },
  }),
  'POST /api/cart/items': (body) => ({ body: { ...body, ...ware }, token: buyer }),
  'PATCH /api/cart/items/{lineId}': (body) => ({ body, token: buyer }),
  'POST /api/stock/{variantId}/receipts': (body) => ({ body: { ...body, productId: ware.productId } }),
  'POST /api/stock/{variantId}/adjustments': (body) => ({ body: { ...body, productId: ware.productId, delta: 1 } }),
  'POST /api/orders': async () => {
    const token = await shop.tokens.guest();
    await addToCart(shop, token, ware);
    const { body } = await shop.request('GET', '/api/cart', { token });
    return { body: { quote: body.quote as string, ...delivery('test-declined') }, token };
  },
};

const newSku = () => newId().slice(-12).toUpperCase();
const withSku = (body: Json): Json => ({
  ...body,
  variants: (body['variants'] as Json[]).map((variant) => ({ ...variant, sku: newSku() })),
});

const pathOf = (path: string) =>
  path
    .replace('{productId}', ware.productId)
    .replace('{variantId}', ware.variantId)
    .replace('{lineId}', lineId)
    .replace('{projection}', 'order-history')
    .replace(/\{\w+\}/g, newId());

/** What is wrong with how the operation takes a text at a place; null: nothing. */
async function complaint(operation: string, example: Json, { path }: TextPlace, text: string): Promise<string | null> {
  const [method = '', route = ''] = operation.split(' ');
  const { body, token = shop.tokens.admin } = (await ASKED[operation]?.(example)) ?? { body: example };
  const before = await watch.now();
  const answer = await shop.request(method, pathOf(route), { token, body: withValue(body, path, text) });
  const { status, body: told } = answer;
  if (status < 400) return null;
  const at = `${operation} ${pointerTo(path)} ${JSON.stringify(text.slice(0, 20))}: ${status} ${told.code as string}`;
  if (status >= 500) return at;
  const left = await watch.since(before);
  if (left.length > 0) return `${at} left ${left.join()}`;
  if (!['validation-failed', 'json-invalid'].includes(told.code as string)) return null;
  const pointers = ((told.errors ?? []) as { pointer: string }[]).map(({ pointer }) => pointer);
  // A map or a list is refused as a whole.
  return pointers.some((pointer) => pointer !== '' && pointerTo(path).startsWith(pointer))
    ? null
    : `${at} points at ${JSON.stringify(pointers)}`;
}

it('every text of every operation is taken, or refused with a pointer and without a trace', async () => {
  const complaints: string[] = [];
  let asked = 0;
  const operations = bodyOperations(api).filter(({ operation }) => !BESIDE_THE_SHOP.includes(operation));
  for (const { operation, body, texts } of operations)
    for (const place of texts)
      for (const text of oddTexts(place.maxLength)) {
        asked++;
        const wrong = await complaint(operation, body, place, text);
        if (wrong) complaints.push(wrong);
      }
  expect(complaints).toEqual([]);
  expect(asked).toBeGreaterThan(3_000);
}, 240_000);

it('an operation is asked for in such a way that it would be done, but for the text', async () => {
  const operations = new Map(bodyOperations(api).map((each) => [each.operation, each]));
  const refused: Json[] = [];
  for (const [operation, ask] of Object.entries(ASKED)) {
    const [method = '', route = ''] = operation.split(' ');
    const { body, token = shop.tokens.admin } = await ask(operations.get(operation)!.body);
    const { status, body: told } = await shop.request(method, pathOf(route), { token, body });
    if (status >= 300 && operation !== 'POST /api/auth/login') refused.push({ operation, ...told });
  }
  expect(refused).toEqual([]);
});

/** Members of events whose texts the shop itself makes: ids, hashes, moments, what is told of the metadata of commands. */
const isOwn = (text: string) => /^[!-~]*$/.test(text);

/** Members that may have several lines, and what is not seen within. */
const SEVERAL_LINES = ['description', 'note', 'reason'];

/** Each text anywhere in a value, with the name of the member that it is in, and each name that somebody chose. */
function textsIn(value: unknown, member = ''): { member: string; text: string }[] {
  if (typeof value === 'string') return [{ member, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => [
    { member, text: name },
    ...textsIn(each, Array.isArray(value) ? member : name),
  ]);
}

it('whatever was taken is stored in one spelling, sealed or not', async () => {
  const personalData = shop.shop.app.get(PersonalData, { strict: false });
  const kinds = personalKinds(email, personName, passwordHash, recipient, contact);
  const found: string[] = [];
  const seen = new Set<string>();
  for (let from: Position | null = null, page; (page = await readAll(from)).length > 0; from = page.at(-1)!.position)
    for (const { type, data } of page)
      for (const { member, text } of textsIn(await openAll(personalData, data, kinds))) {
        if (isOwn(text) || type === 'Claimed') continue;
        seen.add(`${type} ${member}`);
        const kind = member === 'email' ? emailAddress : SEVERAL_LINES.includes(member) ? severalLines : oneLine;
        if (kind.normalise(text) !== text || kind.complaint(text) !== null)
          found.push(`${type} ${member} ${JSON.stringify(text.slice(0, 20))}`);
      }
  expect(found).toEqual([]);
  expect(seen.size).toBeGreaterThan(20);
});

const readAll = (from: Position | null) => shop.shop.servers.store.readAll({ from, limit: 1_000 });
