import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './random';
import type { ShopClient } from './shop-client';
import { thing, type Load } from './shoppers';

/** So few that whoever wants one is seldom alone. */
const NAMES = ['Anna', 'Berta', 'Clara', 'Doris', 'Emma'];
const slugOf = (name: string) => `the-${name.toLowerCase()}`;
const skuOf = (name: string) => `THE-${name.toUpperCase()}`;

interface Named {
  readonly productId: string;
  readonly variantId: string;
  slug: string;
  sku: string;
}

/** A seller with one product at a time, who gives it now this slug or sku, now that one, and takes it away for another one. */
export async function nameChanger(client: ShopClient, { goesOn }: Load, random: Random): Promise<void> {
  let own: Named | null = null;
  while (goesOn()) {
    if (own === null) own = await create(client, random);
    else if (random.chance(0.1)) own = await archive(client, own);
    else if (random.chance(0.5)) await changeSlug(client, own, random);
    else await changeSku(client, own, random);
    await sleep(random.between(20, 120));
  }
}

/** null: somebody else has the slug or the sku. */
async function create(client: ShopClient, random: Random): Promise<Named | null> {
  const [slug, sku] = [slugOf(random.one(NAMES)), skuOf(random.one(NAMES))];
  const body = thing({ slug, sku, publish: false });
  const created = await client.command('POST', '/api/products', { body });
  client.expect('A product', created, 201, 409);
  if (created.status !== 201) return null;
  const { productId, variants } = created.body as { productId: string; variants: [{ variantId: string }] };
  return { productId, variantId: variants[0].variantId, slug, sku };
}

async function archive(client: ShopClient, { productId }: Named): Promise<null> {
  const archived = await client.command('DELETE', '/api/products/:productId', { at: { productId } });
  client.expect('The end of a product', archived, 200);
  return null;
}

async function changeSlug(client: ShopClient, own: Named, random: Random): Promise<void> {
  const { productId } = own;
  const slug = slugOf(random.one(NAMES));
  if (slug === own.slug) return;
  const answer = await client.command('PATCH', '/api/products/:productId', { at: { productId }, body: { slug } });
  client.expect('Another slug', answer, 200, 409);
  if (answer.status === 200) own.slug = slug;
}

async function changeSku(client: ShopClient, own: Named, random: Random): Promise<void> {
  const { productId, variantId } = own;
  const sku = skuOf(random.one(NAMES));
  if (sku === own.sku) return;
  const route = '/api/products/:productId/variants/:variantId';
  const answer = await client.command('PATCH', route, { at: { productId, variantId }, body: { sku } });
  client.expect('Another sku', answer, 200, 409);
  if (answer.status === 200) own.sku = sku;
}
