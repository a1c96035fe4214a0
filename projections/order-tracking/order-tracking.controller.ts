import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticated } from '#src/kernel/http/access';
import { answerQuery } from '#src/kernel/http/answer';
import { Consistency, fresh } from '#src/kernel/http/consistency';
import { QueryDocs } from '#src/kernel/http/docs.decorators';
import { PathId } from '#src/kernel/http/path-id';
import { CurrentPrincipal, type Principal } from '#src/kernel/http/principal';
import { HttpReply, HttpRequest } from '#src/kernel/http/request';
import { ReadModels } from '#src/kernel/read-models/read-models';
import { buyersOf } from '#src/words/buyers';
import { orderIn } from '../order-history/orders-in-history';
import { OrderTrackingDto } from './order-tracking.dto';
import { orderTracking } from './order-tracking.projection';

@ApiTags('Orders')
@Authenticated()
@Controller('api/orders')
export class OrderTrackingController {
  constructor(private readonly readModels: ReadModels) {}

  /** Every step of an order's way, oldest first. */
  @Get(':orderId/tracking')
  @QueryDocs({ problems: ['order-unknown'] })
  async tracking(
    @CurrentPrincipal() principal: Principal,
    @PathId('orderId') orderId: string,
    @Consistency() consistency: Consistency,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<OrderTrackingDto> {
    const orders = this.readModels.query(orderTracking);
    await fresh(orders, consistency, reply);
    const { timeline } = await orderIn(orders, orderId, buyersOf(principal));
    return answerQuery(request, reply, null, { orderId, timeline });
  }
}
