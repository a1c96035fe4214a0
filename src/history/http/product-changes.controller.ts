import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { existing, product, productView, rejected } from '../../catalog/product';
import { Roles } from '../../kernel/http/access';
import { Problems } from '../../kernel/http/docs.decorators';
import { PageQuery } from '../../kernel/http/paging.dto';
import { PathId } from '../../kernel/http/path-id';
import { CurrentPrincipal, type Principal } from '../../kernel/http/principal';
import { HttpReply, HttpRequest } from '../../kernel/http/request';
import { Past } from '../../kernel/past';
import { mayLookBack } from '../../words/sellers';
import { changePage } from './change-list';
import { anyActor } from './change-views';
import { ChangesDto } from './history.dto';
import { READING } from './readers';
import { ResourceChanges } from './resource-changes';

@ApiTags('Catalogue')
@Roles(...READING)
@Controller('api/products')
export class ProductChangesController {
  constructor(
    private readonly past: Past,
    private readonly changes: ResourceChanges,
  ) {}

  /** What was changed about a product, by whom and when: for its seller, admins and analysts. */
  @Get(':productId/history')
  @Problems('product-not-found')
  @ApiOkResponse({ type: ChangesDto })
  async list(
    @PathId('productId') productId: string,
    @CurrentPrincipal() principal: Principal,
    @Query() query: PageQuery,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<ChangesDto> {
    const { state } = await this.past.state(product, productId, { kind: 'now' });
    const { sellerId } = existing(state, {});
    if (!mayLookBack(principal, sellerId)) throw rejected('product-not-found');
    const list = await this.changes.of(product, productId, {
      view: (then) => (then.status === 'none' ? null : productView(then)),
      actorView: anyActor,
    });
    return changePage(request, reply, list, query);
  }
}
