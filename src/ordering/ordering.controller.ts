import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiAcceptedResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { CommandContext } from '../kernel/commands';
import { Authenticated } from '../kernel/http/access';
import { answer } from '../kernel/http/answer';
import { Context } from '../kernel/http/command-context';
import { CommandDocs, UNREADABLE } from '../kernel/http/docs.decorators';
import { Limited } from '../kernel/http/limits/limited';
import { PathId } from '../kernel/http/path-id';
import { preferenceApplied, Prefers, type Preferences } from '../kernel/http/prefer';
import { CurrentPrincipal, type Principal } from '../kernel/http/principal';
import { HttpReply } from '../kernel/http/request';
import { Rejected } from '../kernel/rejection';
import { buyersOf } from '../words/buyers';
import { hasEnded, type SeenOrder, SeenOrders } from '../words/orders';
import { NOT_FOUND, rejected } from './order';
import { RequestOrderCancellation } from './ordering.commands';
import { CancelledOrderDto, CancelOrderDto } from './ordering.dto';

/** So long a request waits for an order that was accepted a moment ago to be placed, ms. */
const PLACED_WITHIN_MS = 2_000;

@ApiTags('Orders')
@Authenticated()
@Controller('api/orders')
export class OrderingController {
  constructor(
    private readonly commands: CommandBus,
    private readonly orders: SeenOrders,
  ) {}

  /**
   * Gives an order up before it is shipped: its money goes back and its stock is freed. Accepted (202); with `Prefer: wait=N`
   * the answer comes when that is done.
   */
  @Post(':orderId/cancel')
  @Limited('orders')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: CancelledOrderDto })
  @CommandDocs({
    ifMatch: 'optional',
    wait: true,
    problems: ['order-unknown', 'order-not-found', 'order-not-open', 'order-not-placed', ...UNREADABLE],
  })
  async cancel(
    @CurrentPrincipal() principal: Principal,
    @PathId('orderId') orderId: string,
    @Context() context: CommandContext,
    @Prefers() { waitMs }: Preferences,
    @Body() { reason }: CancelOrderDto,
    @HttpReply() reply: FastifyReply,
  ): Promise<CancelledOrderDto> {
    const buyers = buyersOf(principal);
    const command = new RequestOrderCancellation(context, { orderId, reason, buyers });
    const changed = await this.commands.execute(command).catch(async (error: unknown) => {
      if (!(error instanceof Rejected && error.code === NOT_FOUND)) throw error;
      await this.untilPlaced(orderId, buyers);
      return this.commands.execute(command);
    });
    // It may be seen as it was before: then it is about to be cancelled all the same.
    const outcome = waitMs === null ? null : await this.orders.waitFor(orderId, waitMs, hasEnded);
    if (waitMs !== null) preferenceApplied(reply, `wait=${waitMs / 1000}`);
    const status = changed.state.status === 'cancelled' ? 'cancelled' : 'cancelling';
    return answer(reply, changed, {
      location: `/api/orders/${orderId}`,
      body: { orderId, status: outcome && hasEnded(outcome.order) ? outcome.order.status : status },
      asOf: outcome?.asOf,
    });
  }

  /**
   * The order that was accepted a moment ago is there for its buyer, and nobody can give it up before the checkout process has placed it.
   * @throws Rejected `order-unknown`, `order-not-placed`
   */
  private async untilPlaced(orderId: string, buyers: readonly string[] | null): Promise<void> {
    await this.orders.find(orderId, buyers);
    const outcome = await this.orders.waitFor(orderId, PLACED_WITHIN_MS, isPlaced);
    if (!outcome || !isPlaced(outcome.order)) throw rejected('order-not-placed');
  }
}

const isPlaced = ({ status }: SeenOrder): boolean => status !== 'received';
