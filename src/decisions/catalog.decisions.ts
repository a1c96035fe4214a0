import {
  addVariant,
  archiveProduct,
  type Asker,
  changeVariant,
  changeVariantPrices,
  createProduct,
  describeProduct,
  type NewProduct,
  product,
  type Product,
  publishProduct,
  removeVariant,
  unpublishProduct,
} from '../catalog/product';
import { askedAs } from './asker';
import { type Decision, decisionsOf, type Taken } from './decision';

const decision = decisionsOf(product);

const askerIn = ({ state, actor }: Taken<Product>): Asker =>
  state.status === 'none' ? {} : askedAs(actor, state.sellerId);

/** A new product, and whether it is for sale at once. */
export interface Creation {
  readonly product: NewProduct;
  readonly publish: boolean;
}

export const catalogDecisions: readonly Decision[] = [
  decision({
    name: 'product.create',
    decide: (state, { product, publish }: Creation) => createProduct(state, product, publish),
    shown: {
      by: 'ProductCreated',
      input: (product, { events }) => ({ product, publish: events.some(({ type }) => type === 'ProductPublished') }),
    },
  }),
  decision({
    name: 'product.describe',
    decide: describeProduct,
    shown: {
      by: 'ProductDescribed',
      input: ({ productId, ...changes }, taken) => ({ changes, ...askerIn(taken) }),
    },
  }),
  decision({
    name: 'product.addVariant',
    decide: addVariant,
    shown: { by: 'VariantAdded', input: ({ variant }, taken) => ({ variant, ...askerIn(taken) }) },
  }),
  decision({
    name: 'product.changeVariant',
    decide: changeVariant,
    shown: {
      by: 'VariantChanged',
      input: ({ variantId, sku, options }, taken) => ({ variantId, sku, options, ...askerIn(taken) }),
    },
  }),
  decision({
    name: 'product.changeVariantPrices',
    decide: changeVariantPrices,
    shown: {
      by: 'VariantPricesChanged',
      input: ({ variantId, prices }, taken) => ({ variantId, prices, ...askerIn(taken) }),
    },
  }),
  decision({
    name: 'product.removeVariant',
    decide: removeVariant,
    shown: { by: 'VariantRemoved', input: ({ variantId }, taken) => ({ variantId, ...askerIn(taken) }) },
  }),
  decision({
    name: 'product.publish',
    decide: publishProduct,
    shown: { by: 'ProductPublished', input: (_, taken) => askerIn(taken) },
  }),
  decision({
    name: 'product.unpublish',
    decide: unpublishProduct,
    shown: { by: 'ProductUnpublished', input: (_, taken) => askerIn(taken) },
  }),
  decision({
    name: 'product.archive',
    decide: archiveProduct,
    shown: { by: 'ProductArchived', input: (_, taken) => askerIn(taken) },
  }),
];
