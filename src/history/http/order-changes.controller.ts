import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OrdersInHistory } from '#projections/order-history/orders-in-history';
import { Authenticated } from '../../kernel/http/access';
import { Problems, UNREADABLE } from '../../kernel/http/docs.decorators';
import { PageQuery } from '../../kernel/http/paging.dto';
import { PathId } from '../../kernel/http/path-id';
import { CurrentPrincipal, type Principal } from '../../kernel/http/principal';
import { HttpReply, HttpRequest } from '../../kernel/http/request';
import { buyersOf } from '../../words/buyers';
import { changePage } from './change-list';
import { anyActor, ownActor } from './change-views';
import { ChangesDto } from './history.dto';
import { OrderChanges } from './order-changes';

@ApiTags('Orders')
@Authenticated()
@Controller('api/orders')
export class OrderChangesController {
  constructor(
    private readonly orders: OrdersInHistory,
    private readonly changes: OrderChanges,
  ) {}

  /** What happened to an order, from its checkout on: what it changed, by whom and when. */
  @Get(':orderId/history')
  @Problems('order-unknown', ...UNREADABLE)
  @ApiOkResponse({ type: ChangesDto })
  async list(
    @CurrentPrincipal() principal: Principal,
    @PathId('orderId') orderId: string,
    @Query() query: PageQuery,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<ChangesDto> {
    const buyers = buyersOf(principal);
    const order = await this.orders.find(orderId, buyers);
    const list = await this.changes.of(order, buyers === null ? anyActor : ownActor(principal));
    return changePage(request, reply, list, query);
  }
}
