import { Body, Controller, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiAcceptedResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { CommandContext } from '../kernel/commands';
import { Authenticated } from '../kernel/http/access';
import { answer } from '../kernel/http/answer';
import { Context } from '../kernel/http/command-context';
import { CommandDocs } from '../kernel/http/docs.decorators';
import { Limited } from '../kernel/http/limits/limited';
import { preferenceApplied, Prefers, type Preferences } from '../kernel/http/prefer';
import { CurrentPrincipal, type Principal } from '../kernel/http/principal';
import { HttpReply } from '../kernel/http/request';
import { Rejected } from '../kernel/rejection';
import { orderNumberOf } from '../words/order-number';
import { isSettled, SeenOrders } from '../words/orders';
import { CheckOutCart, Checkouts } from './cart.commands';
import { AcceptedOrderDto } from './cart-views.dto';
import { CheckOutDto } from './cart.dto';

@ApiTags('Orders')
@Authenticated()
@Controller('api/orders')
export class CheckoutController {
  constructor(
    private readonly commands: CommandBus,
    private readonly orders: SeenOrders,
    private readonly checkouts: Checkouts,
  ) {}

  /**
   * Orders what the quote says: what has changed since is refused, and told. The order is accepted (202) and followed at its Location; with `Prefer: wait=N` the answer
   * comes when the order is confirmed or rejected, or after N seconds with the status of then.
   */
  @Post()
  @Limited('orders')
  @CommandDocs({
    ifMatch: 'optional',
    wait: true,
    problems: [
      'cart-empty',
      'cart-full',
      'cart-already-checked-out',
      'price-changed',
      'item-not-available',
      'payment-method-missing',
    ],
  })
  @ApiAcceptedResponse({
    type: AcceptedOrderDto,
    description: 'The order was accepted; its Location says what becomes of it.',
  })
  async checkOut(
    @CurrentPrincipal() { kind, id }: Principal,
    @Context() context: CommandContext,
    @Prefers() { waitMs }: Preferences,
    @Body() body: CheckOutDto,
    @HttpReply() reply: FastifyReply,
  ): Promise<AcceptedOrderDto> {
    const command = new CheckOutCart(context, { customer: { kind, id }, ...body });
    const changed = await this.commands.execute(command).catch((error: unknown) => toldWhere(error, reply));
    const orderId = this.checkouts.orderOf(id, changed.state.generation - 1);
    const outcome = waitMs === null ? null : await this.orders.waitFor(orderId, waitMs, isSettled);
    if (waitMs !== null) preferenceApplied(reply, `wait=${waitMs / 1000}`);
    const { status, rejection } = outcome?.order ?? { status: 'received', rejection: null };
    return answer(reply, changed, {
      status: 202,
      location: `/api/orders/${orderId}`,
      body: { orderId, orderNumber: orderNumberOf(orderId), status, ...(rejection ? { rejection } : {}) },
      asOf: outcome?.asOf,
    });
  }
}

/** Who comes second is shown the order that the first one made. */
function toldWhere(error: unknown, reply: FastifyReply): never {
  if (error instanceof Rejected && error.code === 'cart-already-checked-out')
    reply.header('location', `/api/orders/${String(error.details['orderId'])}`);
  throw error;
}
