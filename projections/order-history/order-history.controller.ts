import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticated } from '#src/kernel/http/access';
import { answerQuery } from '#src/kernel/http/answer';
import { AsOf, setAsOf } from '#src/kernel/http/as-of';
import { Consistency, fresh } from '#src/kernel/http/consistency';
import { QueryDocs } from '#src/kernel/http/docs.decorators';
import { page } from '#src/kernel/http/paging';
import { PathId } from '#src/kernel/http/path-id';
import { CurrentPrincipal, idsOf, type Principal } from '#src/kernel/http/principal';
import { HttpReply, HttpRequest } from '#src/kernel/http/request';
import type { Instant } from '#src/kernel/instant';
import { Past } from '#src/kernel/past';
import { ReadModels } from '#src/kernel/read-models/read-models';
import { buyersOf } from '#src/words/buyers';
import { OrderDto, OrderHistoryDto, OrderHistoryQuery } from './order-history.dto';
import { orderHistory, type OrderDocument } from './order-history.projection';
import { OrderViews, summaryOf } from './order-views';
import { notFound, OrdersInHistory, type StoredOrder } from './orders-in-history';

@ApiTags('Orders')
@Authenticated()
@Controller('api/orders')
export class OrderHistoryController {
  constructor(
    private readonly orders: OrdersInHistory,
    private readonly readModels: ReadModels,
    private readonly views: OrderViews,
    private readonly past: Past,
  ) {}

  /** The caller's orders, newest first; those that were made as a guest before logging in are among them. */
  @Get('history')
  @QueryDocs({ problems: ['cursor-invalid'] })
  async history(
    @CurrentPrincipal() principal: Principal,
    @Query() { limit, cursor, status }: OrderHistoryQuery,
    @Consistency() consistency: Consistency,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<OrderHistoryDto> {
    const orders = this.readModels.query(orderHistory);
    await fresh(orders, consistency, reply);
    const filter = { customerId: { $in: [...idsOf(principal)] }, ...(status ? { status } : {}) };
    const wanted = { filter, sort: { receivedAt: -1 }, limit, ...(cursor === undefined ? {} : { cursor }) } as const;
    const { items, next, prev } = await page(request, reply, orders, wanted);
    return answerQuery(request, reply, null, { items: items.map(summaryOf), next, prev });
  }

  /** An order with its lines, address and contact, from the moment on at which it was accepted. */
  @Get(':orderId')
  @QueryDocs({ asOf: true, problems: ['order-unknown'] })
  async get(
    @CurrentPrincipal() principal: Principal,
    @PathId('orderId') orderId: string,
    @AsOf() asOf: Instant | null,
    @Consistency() consistency: Consistency,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<OrderDto> {
    await fresh(this.readModels.query(orderHistory), consistency, reply);
    const order = await this.orders.find(orderId, buyersOf(principal));
    const shown = asOf ? await this.orderAsOf(order, asOf, reply) : order;
    return answerQuery(request, reply, null, await this.views.full(shown));
  }

  private async orderAsOf(now: StoredOrder, asOf: Instant, reply: FastifyReply): Promise<OrderDocument> {
    const settled = await this.past.settle(asOf);
    const { document, position } = await this.past.document(orderHistory, now.orderId, settled, now);
    if (!document) throw notFound('order-unknown');
    setAsOf(reply, settled, position);
    return document;
  }
}
