import type { ProductEvent } from '#src/catalog/catalog.events';
import type { StockEvent } from '#src/inventory/inventory.events';
import { projection } from '#src/kernel/read-models/projection';
import { indexed, priced, withVariants, type ProductDocument } from './product-document';

type Searched = Pick<ProductDocument, 'name' | 'brand' | 'categoryPath' | 'attributes'>;
type Of<T extends (ProductEvent | StockEvent)['type']> = {
  readonly data: Extract<ProductEvent | StockEvent, { type: T }>['data'];
  readonly recordedAt: string;
};

/** How an event changes a product that is listed; what is not (any more) stays so. */
const change = <E extends { readonly data: { readonly productId: string } }>(
  evolve: (product: ProductDocument, event: E) => ProductDocument | null,
) => ({
  keys: (event: E) => [event.data.productId],
  evolve: (product: ProductDocument | null, event: E) => product && evolve(product, event),
});

/** An event that makes more (or, below 0, fewer) units of one variant available. Nothing else of the document changes. */
const stock = <E extends { readonly data: { readonly productId: string; readonly variantId: string } }>(
  unitsOf: (event: E) => number,
) =>
  change<E>((product, event) => {
    const { variantId } = event.data;
    if (!product.variants.some((v) => v.variantId === variantId)) return product;
    const units = unitsOf(event);
    return withVariants(
      product,
      product.variants.map((v) => (v.variantId === variantId ? { ...v, available: v.available + units } : v)),
    );
  });

export const productSearch = projection<ProductDocument, ProductEvent | StockEvent>({
  name: 'product-search',
  version: 2,
  indexes: [
    { terms: 1 },
    { 'listed.categories': 1 },
    { 'listed.brand': 1 },
    { 'listed.attributes': 1 },
    { 'listed.priceBands': 1 },
    { inStock: 1 },
    { sellerId: 1, newSince: -1 },
    { published: 1, newSince: -1 },
    { published: 1, sortName: 1 },
    // Other currencies work as well: their prices are looked at one by one among what the rest of a query has found.
    { published: 1, 'price.EUR.minMinor': 1 },
    { published: 1, 'price.USD.minMinor': 1 },
    { published: 1, 'price.GBP.minMinor': 1 },
  ],
  on: {
    ProductCreated: {
      keys: ({ data }) => [data.productId],
      evolve: (_, { data, recordedAt }) => {
        const { sellerId, name, slug, brand, categoryPath, attributes, images } = data;
        const variants = data.variants.map((variant) => ({ ...variant, available: 0 }));
        return indexed({
          sellerId,
          published: false,
          createdAt: recordedAt,
          publishedAt: null,
          newSince: recordedAt,
          name,
          slug,
          brand,
          categoryPath,
          attributes,
          image: images[0] ?? null,
          variants,
          inStock: false,
        });
      },
    },
    ProductDescribed: change((product, { data }: Of<'ProductDescribed'>) => {
      const { slug = product.slug, images } = data;
      const told: Searched = {
        name: data.name ?? product.name,
        brand: data.brand ?? product.brand,
        categoryPath: data.categoryPath ?? product.categoryPath,
        attributes: data.attributes ?? product.attributes,
      };
      const described = { ...product, slug, image: images ? (images[0] ?? null) : product.image };
      const isFoundElsewhere = (Object.keys(told) as (keyof Searched)[]).some(
        (field) => told[field] !== product[field],
      );
      return isFoundElsewhere ? indexed({ ...described, ...told }) : described;
    }),
    VariantAdded: change((product, { data }: Of<'VariantAdded'>) =>
      indexed({ ...product, variants: [...product.variants, { ...data.variant, available: 0 }] }),
    ),
    VariantChanged: change((product, { data: { variantId, sku, options } }: Of<'VariantChanged'>) =>
      indexed({
        ...product,
        variants: product.variants.map((v) => (v.variantId === variantId ? { ...v, sku, options } : v)),
      }),
    ),
    VariantPricesChanged: change((product, { data: { variantId, prices } }: Of<'VariantPricesChanged'>) =>
      priced({
        ...product,
        variants: product.variants.map((v) => (v.variantId === variantId ? { ...v, prices } : v)),
      }),
    ),
    VariantRemoved: change((product, { data: { variantId } }: Of<'VariantRemoved'>) =>
      indexed(
        withVariants(
          product,
          product.variants.filter((v) => v.variantId !== variantId),
        ),
      ),
    ),
    // Only the first time makes it new: who takes a product back and publishes it again does not come first by that.
    ProductPublished: change((product, { recordedAt }: Of<'ProductPublished'>) => {
      const publishedAt = product.publishedAt ?? recordedAt;
      return { ...product, published: true, publishedAt, newSince: publishedAt, listed: product.facets };
    }),
    ProductUnpublished: change((product) => ({ ...product, published: false, listed: null })),
    ProductArchived: change(() => null),
    StockReceived: stock(({ data }: Of<'StockReceived'>) => data.quantity),
    StockAdjusted: stock(({ data }: Of<'StockAdjusted'>) => data.delta),
    StockReserved: stock(({ data }: Of<'StockReserved'>) => -data.quantity),
    StockReleased: stock(({ data }: Of<'StockReleased'>) => data.quantity),
  },
});
