import { Controller, Get, Query } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#src/kernel/http/access';
import { answerQuery } from '#src/kernel/http/answer';
import { Consistency, fresh } from '#src/kernel/http/consistency';
import { QueryDocs } from '#src/kernel/http/docs.decorators';
import { page, type Listed } from '#src/kernel/http/paging';
import type { Principal } from '#src/kernel/http/principal';
import { problem } from '#src/kernel/http/problem';
import { HttpReply, HttpRequest } from '#src/kernel/http/request';
import { ReadModels } from '#src/kernel/read-models/read-models';
import { mayActFor } from '#src/words/sellers';
import { filterOf, sortOf, type Criteria } from './product-search.criteria';
import { PriceRangeDto, ProductListDto, ProductSearchQuery } from './product-search.dto';
import { productSearch } from './product-search.projection';
import { type FoundProduct, FoundProducts } from './product-search.queries';

@ApiTags('Catalogue')
@ApiExtraModels(PriceRangeDto)
@Controller('api/products')
export class ProductSearchController {
  private readonly list: Listed<FoundProduct> = {
    name: productSearch.name,
    version: productSearch.version,
    find: (filter, options) => this.products.find(filter, options),
  };

  constructor(
    private readonly products: FoundProducts,
    private readonly readModels: ReadModels,
  ) {}

  /** Products that match everything that is stated, page by page. */
  @Get()
  @Public()
  @QueryDocs({ problems: ['cursor-invalid', 'unauthenticated', 'forbidden'] })
  @ApiOkResponse({ type: ProductListDto })
  async search(
    @Query() query: ProductSearchQuery,
    @Consistency() consistency: Consistency,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<ProductListDto> {
    const criteria = criteriaOf(query, request.principal);
    await fresh(this.readModels.query(productSearch), consistency, reply);
    const { limit, cursor } = query;
    const wanted = { filter: filterOf(criteria), sort: sortOf(query.sort, criteria), limit };
    const found = await page(request, reply, this.list, cursor === undefined ? wanted : { ...wanted, cursor });
    const counts = await this.products.count(criteria, query.facets);
    return answerQuery(request, reply, null, {
      items: found.items.map(listed),
      ...counts,
      next: found.next,
      prev: found.prev,
    });
  }
}

function criteriaOf(query: ProductSearchQuery, principal: Principal | null): Criteria {
  const { q: text, category, brand: brands, attribute: attributes, seller: sellerId, inStock, mine } = query;
  return {
    ...(text === undefined ? {} : { text }),
    ...(category === undefined ? {} : { category }),
    ...(brands === undefined ? {} : { brands }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(sellerId === undefined ? {} : { sellerId }),
    ...(inStock === undefined ? {} : { inStock }),
    ...priceOf(query),
    ...(mine ? { ownOf: sellerIdOf(principal) } : {}),
  };
}

function priceOf({ currency, priceMin, priceMax, sort }: ProductSearchQuery): Pick<Criteria, 'price'> {
  const isAboutPrices = priceMin !== undefined || priceMax !== undefined || sort === 'price' || sort === '-price';
  if (currency === undefined) {
    if (!isAboutPrices) return {};
    const detail = 'currency must be stated together with priceMin, priceMax or a sort by price';
    throw problem('validation-failed', { errors: [{ parameter: 'currency', detail }] });
  }
  return {
    price: {
      currency,
      ...(priceMin === undefined ? {} : { minMinor: priceMin }),
      ...(priceMax === undefined ? {} : { maxMinor: priceMax }),
    },
  };
}

function sellerIdOf(principal: Principal | null): string {
  if (!principal) throw problem('unauthenticated');
  if (!mayActFor(principal, principal.id)) throw problem('forbidden');
  return principal.id;
}

const listed = ({ _id: productId, sortName: _, newSince: __, ...product }: FoundProduct) => ({ productId, ...product });
