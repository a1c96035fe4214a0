import { Body, Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Changed } from '../kernel/aggregates';
import type { CommandContext } from '../kernel/commands';
import { Authenticated } from '../kernel/http/access';
import { answer, answerQuery } from '../kernel/http/answer';
import { AsOf, setAsOf } from '../kernel/http/as-of';
import { Context } from '../kernel/http/command-context';
import { assertReached, setToken } from '../kernel/http/consistency';
import { CommandDocs, QueryDocs } from '../kernel/http/docs.decorators';
import { Limited } from '../kernel/http/limits/limited';
import { PathId } from '../kernel/http/path-id';
import { CurrentPrincipal, type Principal } from '../kernel/http/principal';
import { HttpReply, HttpRequest } from '../kernel/http/request';
import { inOtherStreams, type Instant } from '../kernel/instant';
import { Past } from '../kernel/past';
import { refusedGuest } from '../words/guests';
import { Availability } from '../words/availability';
import type { Line } from '../words/lines';
import type { Offer } from '../words/offers';
import { cart, cartView, type Cart } from './cart';
import {
  AddItemToCart,
  Carts,
  ChangeCartItemQuantity,
  Checkouts,
  ClearCart,
  RemoveItemFromCart,
} from './cart.commands';
import { CartDto, PricedCartDto } from './cart-views.dto';
import { AddItemDto, ChangeQuantityDto } from './cart.dto';
import { priced } from './priced-cart';

/** One cart per principal: there is no other to ask for. */
@ApiTags('Cart')
@Authenticated()
@Controller('api/cart')
export class CartController {
  constructor(
    private readonly commands: CommandBus,
    private readonly carts: Carts,
    private readonly checkouts: Checkouts,
    private readonly availability: Availability,
    private readonly past: Past,
  ) {}

  /**
   * What would be ordered now, at the prices of now: with the quote to check out by, what has changed since the items were added, and how many
   * of each can be bought.
   */
  @Get()
  @QueryDocs({ asOf: true })
  async get(
    @CurrentPrincipal() { id }: Principal,
    @AsOf() asOf: Instant | null,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<PricedCartDto> {
    await assertReached(request);
    if (asOf) return this.getAsOf(id, asOf, request, reply);
    const { state, revision, position } = await this.carts.get(id);
    if (state.mergedInto !== undefined) throw refusedGuest('guest-token-used', { accountId: state.mergedInto });
    setToken(reply, position);
    const variantIds = state.lines.map(({ variantId }) => variantId);
    const [offers, available] = await Promise.all([
      this.checkouts.offersFor(state.lines),
      this.availability.of(variantIds),
    ]);
    return answerQuery(request, reply, revision, this.viewOf(id, state, offers, available));
  }

  /** What would have been ordered then, at the prices of then. A cart that had nothing in it yet is an empty one, as now. */
  private async getAsOf(
    id: string,
    asOf: Instant,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<PricedCartDto> {
    const settled = await this.past.settle(asOf);
    const { state, revision, position } = await this.past.state(cart, id, settled);
    const offers = await this.checkouts.offersAsOf(state.lines, inOtherStreams(settled, position));
    setAsOf(reply, settled, position);
    return answerQuery(request, reply, revision, this.viewOf(id, state, offers, null));
  }

  /** `available`: units by variant; null: they are not told. */
  private viewOf(
    id: string,
    state: Cart,
    offers: ReadonlyMap<string, Offer>,
    available: ReadonlyMap<string, number> | null,
  ): PricedCartDto {
    const now = priced(state, offers);
    const { toPay, priceChanges, itemChanges, notForSale } = now;
    const { lines, ...view } = cartView(id, { ...state, lines: now.lines });
    const quote = lines.length > 0 && notForSale.length === 0 ? this.checkouts.quoteFor(id, now) : null;
    const availableOf = ({ lineId, variantId }: Line) =>
      available && (notForSale.includes(lineId) ? 0 : (available.get(variantId) ?? 0));
    return {
      ...view,
      lines: lines.map((line) => ({ ...line, available: availableOf(line) })),
      toPay,
      priceChanges,
      itemChanges,
      notForSale,
      quote,
    };
  }

  /** Adds an item at its price of now; more of an item that is there raises its quantity. */
  @Post('items')
  @Limited('cart')
  @CommandDocs({
    ifMatch: 'optional',
    problems: ['item-not-available', 'cart-full', 'quantity-too-large', 'cart-currency-differs'],
  })
  async add(
    @CurrentPrincipal() { id: cartId }: Principal,
    @Context() context: CommandContext,
    @Body() body: AddItemDto,
    @HttpReply() reply: FastifyReply,
  ): Promise<CartDto> {
    return this.answer(
      reply,
      cartId,
      await this.commands.execute(new AddItemToCart(context, { cartId, ...body })),
      201,
    );
  }

  @Patch('items/:lineId')
  @Limited('cart')
  @CommandDocs({ ifMatch: 'optional', problems: ['cart-line-not-found', 'quantity-too-large'] })
  async changeQuantity(
    @CurrentPrincipal() { id: cartId }: Principal,
    @PathId('lineId') lineId: string,
    @Context() context: CommandContext,
    @Body() { quantity }: ChangeQuantityDto,
    @HttpReply() reply: FastifyReply,
  ): Promise<CartDto> {
    const command = new ChangeCartItemQuantity(context, { cartId, lineId, quantity });
    return this.answer(reply, cartId, await this.commands.execute(command));
  }

  /** Removing what is not there (any more) is done already. */
  @Delete('items/:lineId')
  @Limited('cart')
  @HttpCode(200)
  @CommandDocs({ ifMatch: 'optional' })
  async remove(
    @CurrentPrincipal() { id: cartId }: Principal,
    @PathId('lineId') lineId: string,
    @Context() context: CommandContext,
    @HttpReply() reply: FastifyReply,
  ): Promise<CartDto> {
    return this.answer(reply, cartId, await this.commands.execute(new RemoveItemFromCart(context, { cartId, lineId })));
  }

  @Delete('items')
  @Limited('cart')
  @HttpCode(200)
  @CommandDocs({ ifMatch: 'optional' })
  async clear(
    @CurrentPrincipal() { id: cartId }: Principal,
    @Context() context: CommandContext,
    @HttpReply() reply: FastifyReply,
  ): Promise<CartDto> {
    return this.answer(reply, cartId, await this.commands.execute(new ClearCart(context, { cartId })));
  }

  private answer(reply: FastifyReply, cartId: string, changed: Changed<Cart>, status = 200): CartDto {
    return answer(reply, changed, {
      body: cartView(cartId, changed.state),
      status,
      ...(status === 201 ? { location: '/api/cart' } : {}),
    });
  }
}
