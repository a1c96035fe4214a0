import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { cart, cartView, type Cart } from '../../cart/cart';
import { Authenticated } from '../../kernel/http/access';
import { PageQuery } from '../../kernel/http/paging.dto';
import { CurrentPrincipal, type Principal } from '../../kernel/http/principal';
import { HttpReply, HttpRequest } from '../../kernel/http/request';
import { changePage } from './change-list';
import { ownActor } from './change-views';
import { ChangesDto } from './history.dto';
import { ResourceChanges } from './resource-changes';

@ApiTags('Cart')
@Authenticated()
@Controller('api/cart')
export class CartChangesController {
  constructor(private readonly changes: ResourceChanges) {}

  /** What was changed in your cart, by whom and when. */
  @Get('history')
  @ApiOkResponse({ type: ChangesDto })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query() query: PageQuery,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<ChangesDto> {
    const { id } = principal;
    const view = (then: Cart) => cartView(id, then);
    const list = await this.changes.of(cart, id, { view, actorView: ownActor(principal) });
    return changePage(request, reply, list, query);
  }
}
