import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Changed } from '../kernel/aggregates';
import type { Command, CommandContext } from '../kernel/commands';
import { Public, Roles } from '../kernel/http/access';
import { answer, answerQuery } from '../kernel/http/answer';
import { AsOf, setAsOf } from '../kernel/http/as-of';
import { Context } from '../kernel/http/command-context';
import { assertReached, setToken } from '../kernel/http/consistency';
import { CommandDocs, QueryDocs } from '../kernel/http/docs.decorators';
import { Limited } from '../kernel/http/limits/limited';
import { PathId } from '../kernel/http/path-id';
import { CurrentPrincipal, type Principal } from '../kernel/http/principal';
import { HttpReply, HttpRequest } from '../kernel/http/request';
import type { Instant } from '../kernel/instant';
import { Past } from '../kernel/past';
import { asSeller, mayActFor, mayLookBack, rejected as sellersRejected, SELLING } from '../words/sellers';
import {
  AddVariant,
  ArchiveProduct,
  ChangeProduct,
  ChangeVariant,
  ChangeVariantPrices,
  CreateProduct,
  ProductNames,
  Products,
  PublishProduct,
  RemoveVariant,
  UnpublishProduct,
  type NewVariant,
} from './catalog.commands';
import {
  ChangePricesDto,
  ChangeProductDto,
  ChangeVariantDto,
  CreateProductDto,
  NewVariantDto,
  ProductDto,
} from './catalog.dto';
import { existing, product, productView, rejected, type ExistingProduct, type Product } from './product';

/** The product, for who may see it. @throws Rejected `product-not-found` */
function visibleTo(principal: Principal | null, state: Product): ExistingProduct {
  const product = existing(state, {});
  if (product.status !== 'published' && !mayActFor(principal, product.sellerId)) throw rejected('product-not-found');
  return product;
}

const newVariant = ({ sku, options = {}, prices }: NewVariantDto): NewVariant => ({ sku, options, prices });

const names = ['sku-taken', 'slug-taken'];
const ofProduct = ['product-not-found', 'product-archived'];
const changes = (...problems: string[]) => CommandDocs({ ifMatch: 'optional', problems: [...ofProduct, ...problems] });

/** Products and their variants. Searching them is the read model's. */
@ApiTags('Catalogue')
@Roles(...SELLING)
@Controller('api/products')
export class CatalogController {
  constructor(
    private readonly commands: CommandBus,
    private readonly products: Products,
    private readonly names: ProductNames,
    private readonly past: Past,
  ) {}

  /** A published product; its seller and admins see it in any state. As it was before: its seller, admins and analysts. */
  @Get(':productId')
  @Public()
  @QueryDocs({ asOf: true, problems: ['product-not-found', 'as-of-forbidden'] })
  @ApiOkResponse({ type: ProductDto })
  async get(
    @PathId('productId') productId: string,
    @AsOf() asOf: Instant | null,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<ProductDto> {
    await assertReached(request);
    return this.show(productId, asOf, request, reply);
  }

  /** The product that has this slug now. As it was before: its seller, admins and analysts. */
  @Get('by-slug/:slug')
  @Public()
  @QueryDocs({ asOf: true, problems: ['product-not-found', 'as-of-forbidden'] })
  @ApiOkResponse({ type: ProductDto })
  async getBySlug(
    @Param('slug') slug: string,
    @AsOf() asOf: Instant | null,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<ProductDto> {
    await assertReached(request);
    const productId = await this.names.productWithSlug(slug);
    if (productId === null) throw rejected('product-not-found');
    return this.show(productId, asOf, request, reply);
  }

  /** Creates a product, as a draft or for sale at once. */
  @Post()
  @Limited('changes')
  @CommandDocs({
    problems: [
      'product-of-another-seller',
      'variants-full',
      'variant-options-taken',
      'price-currency-repeated',
      'creation-abandoned',
      ...names,
    ],
  })
  @ApiCreatedResponse({ type: ProductDto })
  async create(
    @CurrentPrincipal() principal: Principal,
    @Context() context: CommandContext,
    @Body() body: CreateProductDto,
    @HttpReply() reply: FastifyReply,
  ): Promise<ProductDto> {
    const { description = '', taxClass = 'standard', attributes = {}, images = [], ...stated } = body;
    const sellerId = stated.sellerId ?? principal.id;
    if (!mayActFor(principal, sellerId)) throw rejected('product-of-another-seller');
    const variants = stated.variants.map(newVariant);
    const data = { ...stated, description, taxClass, attributes, images, variants, sellerId };
    return this.execute(reply, new CreateProduct(context, data), 201);
  }

  /** Changes what is told about a product. */
  @Patch(':productId')
  @Limited('changes')
  @changes('slug-taken')
  @ApiOkResponse({ type: ProductDto })
  change(
    @PathId('productId') productId: string,
    @CurrentPrincipal() principal: Principal,
    @Context() context: CommandContext,
    @Body() body: ChangeProductDto,
    @HttpReply() reply: FastifyReply,
  ): Promise<ProductDto> {
    const data = { productId, changes: { ...body }, ...asSeller(principal) };
    return this.execute(reply, new ChangeProduct(context, data));
  }

  /** Archives the product: it is gone from the shop for good, orders of it stay. */
  @Delete(':productId')
  @Limited('changes')
  @HttpCode(200)
  @CommandDocs({ ifMatch: 'optional', problems: ['product-not-found'] })
  @ApiOkResponse({ type: ProductDto })
  archive(
    @PathId('productId') productId: string,
    @CurrentPrincipal() principal: Principal,
    @Context() context: CommandContext,
    @HttpReply() reply: FastifyReply,
  ): Promise<ProductDto> {
    return this.execute(reply, new ArchiveProduct(context, { productId, ...asSeller(principal) }));
  }

  /** Puts the product up for sale. */
  @Post(':productId/publish')
  @Limited('changes')
  @HttpCode(200)
  @changes()
  @ApiOkResponse({ type: ProductDto })
  publish(
    @PathId('productId') productId: string,
    @CurrentPrincipal() principal: Principal,
    @Context() context: CommandContext,
    @HttpReply() reply: FastifyReply,
  ): Promise<ProductDto> {
    return this.execute(reply, new PublishProduct(context, { productId, ...asSeller(principal) }));
  }

  /** Takes the product off sale: it is a draft again. */
  @Post(':productId/unpublish')
  @Limited('changes')
  @HttpCode(200)
  @changes()
  @ApiOkResponse({ type: ProductDto })
  unpublish(
    @PathId('productId') productId: string,
    @CurrentPrincipal() principal: Principal,
    @Context() context: CommandContext,
    @HttpReply() reply: FastifyReply,
  ): Promise<ProductDto> {
    return this.execute(reply, new UnpublishProduct(context, { productId, ...asSeller(principal) }));
  }

  /** Adds a variant, which comes last in the list. */
  @Post(':productId/variants')
  @Limited('changes')
  @changes('sku-taken', 'variant-options-taken', 'variants-full', 'price-currency-repeated')
  @ApiCreatedResponse({ type: ProductDto })
  addVariant(
    @PathId('productId') productId: string,
    @CurrentPrincipal() principal: Principal,
    @Context() context: CommandContext,
    @Body() body: NewVariantDto,
    @HttpReply() reply: FastifyReply,
  ): Promise<ProductDto> {
    const data = { productId, ...newVariant(body), ...asSeller(principal) };
    return this.execute(reply, new AddVariant(context, data), 201);
  }

  @Patch(':productId/variants/:variantId')
  @Limited('changes')
  @changes('variant-not-found', 'sku-taken', 'variant-options-taken')
  @ApiOkResponse({ type: ProductDto })
  changeVariant(
    @PathId('productId') productId: string,
    @PathId('variantId') variantId: string,
    @CurrentPrincipal() principal: Principal,
    @Context() context: CommandContext,
    @Body() body: ChangeVariantDto,
    @HttpReply() reply: FastifyReply,
  ): Promise<ProductDto> {
    const data = { productId, variantId, ...body, ...asSeller(principal) };
    return this.execute(reply, new ChangeVariant(context, data));
  }

  /** Replaces all prices of a variant. Carts show the change; orders keep the prices that were agreed. */
  @Put(':productId/variants/:variantId/prices')
  @Limited('changes')
  @changes('variant-not-found', 'price-currency-repeated')
  @ApiOkResponse({ type: ProductDto })
  changePrices(
    @PathId('productId') productId: string,
    @PathId('variantId') variantId: string,
    @CurrentPrincipal() principal: Principal,
    @Context() context: CommandContext,
    @Body() { prices }: ChangePricesDto,
    @HttpReply() reply: FastifyReply,
  ): Promise<ProductDto> {
    const data = { productId, variantId, prices, ...asSeller(principal) };
    return this.execute(reply, new ChangeVariantPrices(context, data));
  }

  /** Removing what is not there (any more) is done already; the last variant stays. */
  @Delete(':productId/variants/:variantId')
  @Limited('changes')
  @HttpCode(200)
  @changes('last-variant')
  @ApiOkResponse({ type: ProductDto })
  removeVariant(
    @PathId('productId') productId: string,
    @PathId('variantId') variantId: string,
    @CurrentPrincipal() principal: Principal,
    @Context() context: CommandContext,
    @HttpReply() reply: FastifyReply,
  ): Promise<ProductDto> {
    return this.execute(reply, new RemoveVariant(context, { productId, variantId, ...asSeller(principal) }));
  }

  private async show(
    productId: string,
    asOf: Instant | null,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<ProductDto> {
    const now = await this.products.get(productId);
    const visible = visibleTo(request.principal, now.state);
    if (asOf === null) {
      setToken(reply, now.position);
      return answerQuery(request, reply, now.revision, productView(visible));
    }
    if (!mayLookBack(request.principal, visible.sellerId)) throw sellersRejected('as-of-forbidden');
    const settled = await this.past.settle(asOf);
    const { state, revision, position } = await this.past.state(product, productId, settled);
    setAsOf(reply, settled, position);
    return answerQuery(request, reply, revision, productView(visibleTo(request.principal, state)));
  }

  private async execute(
    reply: FastifyReply,
    command: Command<object, Changed<Product>>,
    status = 200,
  ): Promise<ProductDto> {
    const changed = await this.commands.execute(command);
    const product = existing(changed.state, {});
    const location = status === 201 ? { location: `/api/products/${product.productId}` } : {};
    return answer(reply, changed, { body: productView(product), status, ...location });
  }
}
