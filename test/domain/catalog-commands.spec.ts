import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AddVariant,
  AddVariantHandler,
  ArchiveProduct,
  catalogCommandHandlers,
  ChangeProduct,
  ChangeProductHandler,
  ChangeVariant,
  ChangeVariantHandler,
  CreateProduct,
  CreateProductHandler,
  ProductNames,
  Products,
} from '#src/catalog/catalog.commands';
import type { ExistingProduct, Product } from '#src/catalog/product';
import { CatalogOwners, ProductOffers } from '#src/catalog/product-offers';
import type { Changed } from '#src/kernel/aggregates';
import { PastOfLog } from '#src/history/past-of-log';
import { Questions } from '#src/history/questions';
import { Claims } from '#src/kernel/claims';
import { Clock } from '#src/kernel/clock';
import type { CommandContext } from '#src/kernel/commands';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { deriveId, newId } from '#src/kernel/ids';
import { Secrets } from '#src/kernel/secrets';
import { FaultyStore } from '../support/faulty-store';
import { eur } from '../support/shop';
import { commandOf, ShopWritePath, handlerOf } from '../support/shop-write-path';
import { tempFolderOfThisFile } from '../support/temp-folder';

const folder = tempFolderOfThisFile();
const secrets = Secrets.from('the secret of a shop that exists in tests only');

class SetClock extends Clock {
  at = Date.parse('2026-06-01T12:00:00.000Z');
  override now(): Date {
    return new Date(this.at);
  }
}

let store: SqliteEventStore;
const clock = new SetClock();

/** A process that writes to the store, with caches of its own. */
function openShop(on: EventStore = store, its: SetClock = clock) {
  const path = new ShopWritePath(on, its);
  const products = new Products(path);
  const names = new ProductNames(products, new Claims(path, (scope, name) => secrets.blindIndex(scope, name)));
  const create = new CreateProductHandler(products, names);
  const change = new ChangeProductHandler(products, names);
  const addVariant = new AddVariantHandler(products, names);
  const changeVariant = new ChangeVariantHandler(products, names);
  const archive = handlerOf(catalogCommandHandlers, ArchiveProduct, products);
  return {
    offers: new ProductOffers(products, new PastOfLog(new Questions(path))),
    owners: new CatalogOwners(products),
    names,
    create: (data: Partial<CreateProduct['data']>, context: Partial<CommandContext> = {}) =>
      create.execute(commandOf(CreateProduct, { ...mug, ...data }, context)),
    change: (data: ChangeProduct['data'], context: Partial<CommandContext> = {}) =>
      change.execute(commandOf(ChangeProduct, data, context)),
    addVariant: (data: AddVariant['data']) => addVariant.execute(commandOf(AddVariant, data)),
    changeVariant: (data: ChangeVariant['data']) => changeVariant.execute(commandOf(ChangeVariant, data)),
    archive: (productId: string) => archive.execute(commandOf(ArchiveProduct, { productId })),
  };
}

let shop: ReturnType<typeof openShop>;
beforeEach(async () => {
  store = await SqliteEventStore.open({ file: join(folder, `${newId()}.db`) });
  shop = openShop();
});
afterEach(() => store.close());

const variant = (sku: string, colour = sku) => ({ sku, options: { colour }, prices: [eur(1_200)] });

const mug: CreateProduct['data'] = {
  sellerId: 'potter',
  name: 'Stoneware mug',
  description: '',
  brand: 'Kiln & Co',
  categoryPath: ['Kitchen', 'Mugs'],
  taxClass: 'standard',
  attributes: {},
  images: [],
  variants: [variant('mug-red')],
};

const existing = ({ state }: Changed<Product>) => state as ExistingProduct;
const rejection = (code: string, details: object = {}) => expect.objectContaining({ code, details });

describe('creating a product', () => {
  it('makes every id from the command, takes the slug from the name, and stores skus in upper case', async () => {
    const commandId = newId();
    const product = existing(await shop.create({}, { commandId }));
    expect(product).toMatchObject({
      productId: deriveId(commandId, 'product'),
      status: 'draft',
      slug: 'stoneware-mug',
      variants: [{ variantId: deriveId(commandId, 'variant/0'), sku: 'MUG-RED' }],
    });
  });

  it('is the same product when the command comes again, also to another process', async () => {
    const commandId = newId();
    const first = await shop.create({}, { commandId });
    const again = await openShop().create({}, { commandId });
    expect(again).toEqual({ ...first, outcome: 'replayed' });
  });

  it('finds another slug when its name is that of another product', async () => {
    await shop.create({});
    const { slug, productId } = existing(await shop.create({ variants: [variant('mug-2')] }));
    expect(slug).toBe(`stoneware-mug-${productId.slice(-6)}`);
  });

  it('refuses a slug that was asked for and is taken, in whatever case', async () => {
    await shop.create({});
    await expect(shop.create({ slug: 'Stoneware-MUG', variants: [variant('mug-2')] })).rejects.toEqual(
      rejection('slug-taken', { slug: 'stoneware-mug' }),
    );
  });

  it('refuses a sku that any product has, in whatever case', async () => {
    await shop.create({});
    await expect(shop.create({ variants: [variant('MUG-BLUE'), variant('Mug-Red')] })).rejects.toEqual(
      rejection('sku-taken', { sku: 'MUG-RED' }),
    );
  });

  it('lets one of two that are created at the same moment have the sku', async () => {
    const other = openShop();
    const both = await Promise.allSettled([shop.create({ slug: 'one' }), other.create({ slug: 'two' })]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('takes no names when it would be rejected anyway', async () => {
    await expect(shop.create({ variants: [variant('a', 'red'), variant('b', 'red')] })).rejects.toEqual(
      rejection('variant-options-taken', { options: { colour: 'red' } }),
    );
    expect(await store.head()).toBeNull();
  });

  it('takes no name when one of them is taken, so that it can be asked for again at once', async () => {
    await shop.create({ slug: 'taken', variants: [variant('taken')] });
    await expect(shop.create({ slug: 'taken' })).rejects.toEqual(rejection('slug-taken', { slug: 'taken' }));
    await expect(shop.create({ slug: 'free', variants: [variant('mug-red'), variant('taken')] })).rejects.toEqual(
      rejection('sku-taken', { sku: 'TAKEN' }),
    );
    expect(existing(await shop.create({ slug: 'free' })).slug).toBe('free');
  });

  it('leaves the names free when it never came into being: whoever wants them gets them after a moment', async () => {
    const lost = deriveId(newId(), 'product');
    await shop.names.claim(commandOf(CreateProduct, mug), lost, { slug: 'stoneware-mug', skus: ['MUG-RED'] });
    expect(existing(await shop.create({ slug: 'stoneware-mug' }))).toMatchObject({ slug: 'stoneware-mug' });
  });
});

describe('two processes whose clocks are 40 seconds apart, and whose appends are answered half a second late', () => {
  it.each([-20_000, 20_000])('never give one name to two products (the first by %i ms)', async (apart) => {
    const play = async (round: number) => {
      const [first, second] = [apart, -apart].map((by) => {
        const late = new FaultyStore(store, false);
        late.onAppend =
          (append) =>
          async (...args) => {
            const appended = await append(...args);
            await sleep(500);
            return appended;
          };
        const its = new SetClock();
        its.at = clock.at + by;
        return openShop(late, its);
      }) as [typeof shop, typeof shop];
      const slug = `wanted-${round}`;
      const made = await first.create({ slug: `made-${round}`, variants: [variant(`MADE-${round}`)] });
      const { productId } = existing(made);
      const named = first.change({ productId, changes: { slug } });
      await sleep(250);
      const created = second.create({ slug, variants: [variant(`CREATED-${round}`)] });
      const outcomes = await Promise.allSettled([named, created]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      expect((outcomes[1] as PromiseRejectedResult).reason).toEqual(rejection('slug-taken', { slug }));
      expect(await openShop(new FaultyStore(store, false)).names.productWithSlug(slug)).toBe(productId);
    };
    await Promise.all([0, 1, 2].map(play));
  });
});

describe('changing a product', () => {
  it('frees the names that it gives up at once, also such as it has had for a moment only', async () => {
    const { productId, variants } = existing(await shop.create({ slug: 'typo', variants: [variant('TYPO')] }));
    const { variantId } = variants[0]!;
    await shop.changeVariant({ productId, variantId, sku: 'RIGHT' });
    await shop.change({ productId, changes: { slug: 'right' } });
    const other = existing(await shop.create({ slug: 'typo', variants: [variant('TYPO')] }));
    expect(await shop.names.productWithSlug('typo')).toBe(other.productId);
    expect((await store.readStream(`product-${productId}`)).map(({ type }) => type)).toEqual([
      'ProductCreated',
      'VariantChanged',
      'ProductDescribed',
    ]);
    await shop.archive(other.productId);
    await shop.archive(productId);
    expect(existing(await shop.create({ slug: 'right', variants: [variant('RIGHT')] })).slug).toBe('right');
  });

  it('takes the new slug, leaves the old one, and heeds If-Match of the product', async () => {
    const { productId } = existing(await shop.create({}));
    await shop.change({ productId, changes: { slug: 'Mug' } }, { ifMatch: 0 });
    await expect(shop.change({ productId, changes: { slug: 'beaker' } }, { ifMatch: 0 })).rejects.toMatchObject({
      code: 'precondition-failed',
    });
    const another = existing(await shop.create({ slug: 'cup', variants: [variant('cup')] }));
    await expect(shop.change({ productId: another.productId, changes: { slug: 'mug' } })).rejects.toEqual(
      rejection('slug-taken', { slug: 'mug' }),
    );
    const freed = await shop.change({ productId: another.productId, changes: { slug: 'stoneware-mug' } });
    expect(existing(freed).slug).toBe('stoneware-mug');
  });

  it('asks again for a name when a try of the command was lost, and somebody took it since', async () => {
    const { productId } = existing(await shop.create({}));
    const commandId = newId();
    const data = { productId, changes: { slug: 'cup' } };
    const lost = commandOf<ChangeProduct['data'], ChangeProduct>(ChangeProduct, data, { commandId });
    await shop.names.claim(lost, productId, { slug: 'cup' });
    await shop.create({ slug: 'cup', variants: [variant('cup')] });
    await expect(shop.change(data, { commandId })).rejects.toEqual(rejection('slug-taken', { slug: 'cup' }));
  });

  it('takes no name for a product of another seller', async () => {
    const { productId } = existing(await shop.create({}));
    const head = await store.head();
    await expect(shop.change({ productId, changes: { slug: 'x' }, asSeller: 'weaver' })).rejects.toEqual(
      rejection('product-not-found'),
    );
    expect(await store.head()).toEqual(head);
  });

  it('keeps skus unique over all products when variants come and change', async () => {
    const { productId } = existing(await shop.create({}));
    const other = existing(await shop.create({ variants: [variant('cup')] }));
    await expect(shop.addVariant({ productId, ...variant('CUP') })).rejects.toEqual(
      rejection('sku-taken', { sku: 'CUP' }),
    );
    const [cup] = other.variants;
    const change = (sku: string) =>
      shop.changeVariant({ productId: other.productId, variantId: cup?.variantId ?? '', sku });
    await expect(change('mug-red')).rejects.toEqual(rejection('sku-taken', { sku: 'MUG-RED' }));
    expect(existing(await change('cup-2')).variants[0]?.sku).toBe('CUP-2');
  });

  it('gives the names of an archived product to others', async () => {
    const { productId } = existing(await shop.create({}));
    await shop.archive(productId);
    expect(existing(await shop.create({ slug: 'stoneware-mug' })).slug).toBe('stoneware-mug');
  });
});

describe('what the catalogue tells other contexts', () => {
  it('offers the variants of published products, with the revision that the price is from', async () => {
    const product = existing(await shop.create({ publish: true }));
    const { productId } = product;
    const variantId = product.variants[0]?.variantId ?? '';
    expect(await shop.offers.find(productId, variantId)).toEqual({
      productId,
      variantId,
      sellerId: 'potter',
      sku: 'MUG-RED',
      name: 'Stoneware mug',
      options: { colour: 'mug-red' },
      taxClass: 'standard',
      productRevision: 1,
      prices: [eur(1_200)],
    });
    expect(await shop.offers.find(productId, newId())).toBeNull();
    expect(await shop.offers.find(newId(), variantId)).toBeNull();
    await shop.archive(productId);
    expect(await shop.offers.find(productId, variantId)).toBeNull();
  });

  it('offers no draft, but says whose it is', async () => {
    const product = existing(await shop.create({}));
    const { productId } = product;
    const variantId = product.variants[0]?.variantId ?? '';
    expect(await shop.offers.find(productId, variantId)).toBeNull();
    expect(await shop.owners.find(productId, variantId)).toMatchObject({ sellerId: 'potter', hasVariant: true });
    expect(await shop.owners.find(productId, newId())).toMatchObject({ sellerId: 'potter', hasVariant: false });
    expect(await shop.owners.find(newId(), variantId)).toBeNull();
  });
});
