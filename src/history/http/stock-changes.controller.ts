import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { rejected, stock, stockView } from '../../inventory/stock';
import { Roles } from '../../kernel/http/access';
import { Problems } from '../../kernel/http/docs.decorators';
import { PageQuery } from '../../kernel/http/paging.dto';
import { PathId } from '../../kernel/http/path-id';
import { CurrentPrincipal, type Principal } from '../../kernel/http/principal';
import { HttpReply, HttpRequest } from '../../kernel/http/request';
import { Past } from '../../kernel/past';
import { ProductOwners } from '../../words/product-owners';
import { mayLookBack } from '../../words/sellers';
import { changePage } from './change-list';
import { anyActor } from './change-views';
import { ChangesDto } from './history.dto';
import { READING } from './readers';
import { ResourceChanges } from './resource-changes';

@ApiTags('Stock')
@Roles(...READING)
@Controller('api/stock')
export class StockChangesController {
  constructor(
    private readonly past: Past,
    private readonly owners: ProductOwners,
    private readonly changes: ResourceChanges,
  ) {}

  /** What moved on the shelf, by whom and when: for the seller, admins and analysts. */
  @Get(':variantId/history')
  @Problems('stock-not-found')
  @ApiOkResponse({ type: ChangesDto })
  async list(
    @PathId('variantId') variantId: string,
    @CurrentPrincipal() principal: Principal,
    @Query() query: PageQuery,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<ChangesDto> {
    const { state } = await this.past.state(stock, variantId, { kind: 'now' });
    if (state.productId === null) throw rejected('stock-not-found');
    const owner = await this.owners.find(state.productId, variantId);
    if (!mayLookBack(principal, owner?.sellerId ?? null)) throw rejected('stock-not-found');
    const list = await this.changes.of(stock, variantId, {
      view: (then) => stockView(variantId, then),
      actorView: anyActor,
    });
    return changePage(request, reply, list, query);
  }
}
