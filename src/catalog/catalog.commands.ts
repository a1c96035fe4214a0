import { Injectable } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, WritePath, type Changed } from '../kernel/aggregates';
import { Claims, type ClaimScope } from '../kernel/claims';
import { Command } from '../kernel/commands';
import { decides } from '../kernel/decides';
import { normaliseSku, normaliseSlug } from '../kernel/normalise';
import { Rejected } from '../kernel/rejection';
import type { Price } from '../words/money';
import type { Description, Options, ProductEvent, Variant } from './catalog.events';
import {
  addVariant,
  archiveProduct,
  changeVariant,
  changeVariantPrices,
  createProduct,
  describeProduct,
  hasSku,
  hasSlug,
  product,
  publishProduct,
  rejected,
  removeVariant,
  slugOf,
  slugWithSuffix,
  unpublishProduct,
  type Asker,
  type ExistingProduct,
  type Product,
} from './product';

@Injectable()
export class Products extends Aggregates<Product, ProductEvent> {
  constructor(path: WritePath) {
    super(path, product);
  }
}

/** Names that no two products have at once: slugs, and the skus of their variants. */
@Injectable()
export class ProductNames {
  private readonly slugs: ClaimScope<Product>;
  private readonly skus: ClaimScope<Product>;

  constructor(
    private readonly products: Products,
    private readonly claims: Claims,
  ) {
    this.slugs = this.scope('slug', hasSlug);
    this.skus = this.scope('sku', hasSku);
  }

  /** Takes the names for the product, all or, as a rule, none: where another product has one, none is taken. */
  async claim(command: Command, productId: string, { slug, skus = [] }: { slug?: string; skus?: readonly string[] }) {
    const wanted = [
      ...(slug === undefined ? [] : [{ scope: this.slugs, name: normaliseSlug(slug) }]),
      ...skus.map((sku) => ({ scope: this.skus, name: normaliseSku(sku) })),
    ];
    await Promise.all(
      wanted.map(async ({ scope, name }) => {
        const owner = await this.claims.ownerOf(scope, name);
        if (owner !== null && owner !== productId) throw scope.taken(name);
      }),
    );
    await this.claims.claim(command, productId, wanted);
  }

  /** Takes the slug that the product's name makes, or, where another product has it, one like it; answers which. */
  async claimSlugFor(command: Command, productId: string, name: string): Promise<string> {
    const slug = slugOf(name);
    try {
      await this.claim(command, productId, { slug });
      return slug;
    } catch (error) {
      if (!(error instanceof Rejected && error.code === 'slug-taken')) throw error;
    }
    const another = slugWithSuffix(slug, productId);
    await this.claim(command, productId, { slug: another });
    return another;
  }

  /** Id of the product that has the slug now; null: none has. */
  productWithSlug(slug: string): Promise<string | null> {
    return this.claims.ownerOf(this.slugs, normaliseSlug(slug));
  }

  private scope(kind: 'slug' | 'sku', has: (product: ExistingProduct, name: string) => boolean): ClaimScope<Product> {
    return {
      name: kind,
      aggregate: product.name,
      owners: this.products,
      has: (state, name) => state.status !== 'none' && has(state, name),
      taken: (name) => rejected(`${kind}-taken`, { [kind]: name }),
    };
  }
}

/** A variant as a seller states it: its id is made here, its sku is stored in upper case. */
export type NewVariant = Omit<Variant, 'variantId'>;

const variantFrom = (command: Command, name: string, { sku, options, prices }: NewVariant): Variant => ({
  variantId: command.newId(name),
  sku: normaliseSku(sku),
  options,
  prices,
});

/** `slug`: made from the name where it is absent. `publish`: for sale at once, else a draft. */
export class CreateProduct extends Command<
  Omit<Description, 'slug'> & {
    sellerId: string;
    slug?: string;
    variants: readonly NewVariant[];
    publish?: boolean;
  },
  Changed<Product>
> {}

@CommandHandler(CreateProduct)
export class CreateProductHandler implements ICommandHandler<CreateProduct> {
  constructor(
    private readonly products: Products,
    private readonly names: ProductNames,
  ) {}

  execute(command: CreateProduct): Promise<Changed<Product>> {
    const { publish, ...described } = command.data;
    const slug = described.slug === undefined ? undefined : normaliseSlug(described.slug);
    const productId = command.newId('product');
    const variants = described.variants.map((each, n) => variantFrom(command, `variant/${n}`, each));
    const create = (product: Product, slug: string) =>
      createProduct(product, { ...described, productId, slug, variants }, publish);
    return this.products.change(command, productId, {
      fetch: () => slug ?? slugOf(described.name),
      acquire: async () => {
        const skus = variants.map(({ sku }) => sku);
        await this.names.claim(command, productId, { slug, skus });
        return slug ?? this.names.claimSlugFor(command, productId, described.name);
      },
      decide: create,
    });
  }
}

export class ChangeProduct extends Command<
  { productId: string; changes: Partial<Description> } & Asker,
  Changed<Product>
> {}

@CommandHandler(ChangeProduct)
export class ChangeProductHandler implements ICommandHandler<ChangeProduct> {
  constructor(
    private readonly products: Products,
    private readonly names: ProductNames,
  ) {}

  execute(command: ChangeProduct): Promise<Changed<Product>> {
    const { productId, ...asked } = command.data;
    const { slug } = asked.changes;
    const changes = { ...asked.changes, ...(slug === undefined ? {} : { slug: normaliseSlug(slug) }) };
    const describe = (product: Product) => describeProduct(product, { ...asked, changes });
    return this.products.change(command, productId, {
      acquire: async (_, product) => {
        const [event] = describe(product);
        if (event?.type !== 'ProductDescribed' || event.data.slug === undefined) return;
        await this.names.claim(command, productId, { slug: event.data.slug });
      },
      decide: describe,
    });
  }
}

export class AddVariant extends Command<{ productId: string } & NewVariant & Asker, Changed<Product>> {}

@CommandHandler(AddVariant)
export class AddVariantHandler implements ICommandHandler<AddVariant> {
  constructor(
    private readonly products: Products,
    private readonly names: ProductNames,
  ) {}

  execute(command: AddVariant): Promise<Changed<Product>> {
    const { productId, asSeller, ...stated } = command.data;
    const variant = variantFrom(command, 'variant', stated);
    const add = (product: Product) => addVariant(product, { variant, asSeller });
    return this.products.change(command, productId, {
      acquire: () => this.names.claim(command, productId, { skus: [variant.sku] }),
      decide: add,
    });
  }
}

export class ChangeVariant extends Command<
  { productId: string; variantId: string; sku?: string; options?: Options } & Asker,
  Changed<Product>
> {}

@CommandHandler(ChangeVariant)
export class ChangeVariantHandler implements ICommandHandler<ChangeVariant> {
  constructor(
    private readonly products: Products,
    private readonly names: ProductNames,
  ) {}

  execute(command: ChangeVariant): Promise<Changed<Product>> {
    const { productId, ...asked } = command.data;
    const sku = asked.sku === undefined ? undefined : normaliseSku(asked.sku);
    const change = (product: Product) => changeVariant(product, { ...asked, sku });
    return this.products.change(command, productId, {
      acquire: async (_, product) => {
        const [event] = change(product);
        if (event?.type === 'VariantChanged') await this.names.claim(command, productId, { skus: [event.data.sku] });
      },
      decide: change,
    });
  }
}

export class ChangeVariantPrices extends Command<
  { productId: string; variantId: string; prices: readonly Price[] } & Asker,
  Changed<Product>
> {}

export class RemoveVariant extends Command<{ productId: string; variantId: string } & Asker, Changed<Product>> {}

export class PublishProduct extends Command<{ productId: string } & Asker, Changed<Product>> {}

export class UnpublishProduct extends Command<{ productId: string } & Asker, Changed<Product>> {}

export class ArchiveProduct extends Command<{ productId: string } & Asker, Changed<Product>> {}

export const catalogCommandHandlers = [
  CreateProductHandler,
  ChangeProductHandler,
  AddVariantHandler,
  ChangeVariantHandler,
  decides(ChangeVariantPrices, Products, 'productId', changeVariantPrices),
  decides(RemoveVariant, Products, 'productId', removeVariant),
  decides(PublishProduct, Products, 'productId', publishProduct),
  decides(UnpublishProduct, Products, 'productId', unpublishProduct),
  decides(ArchiveProduct, Products, 'productId', archiveProduct),
];
