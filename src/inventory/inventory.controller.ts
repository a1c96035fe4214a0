import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Changed } from '../kernel/aggregates';
import type { CommandContext } from '../kernel/commands';
import { Public, Roles } from '../kernel/http/access';
import { answer, answerQuery } from '../kernel/http/answer';
import { AsOf, setAsOf } from '../kernel/http/as-of';
import { Context } from '../kernel/http/command-context';
import { assertReached, setToken } from '../kernel/http/consistency';
import { CommandDocs, QueryDocs } from '../kernel/http/docs.decorators';
import { Limited } from '../kernel/http/limits/limited';
import { PathId } from '../kernel/http/path-id';
import { CurrentPrincipal, type Principal } from '../kernel/http/principal';
import { HttpReply, HttpRequest } from '../kernel/http/request';
import type { Instant } from '../kernel/instant';
import { Past } from '../kernel/past';
import { ProductOwners } from '../words/product-owners';
import { asSeller, mayActFor, mayLookBack, rejected as sellersRejected, SELLING } from '../words/sellers';
import { AdjustStock, ReceiveStock, Stocks } from './inventory.commands';
import { AdjustStockDto, ReceiveStockDto, StockDto } from './inventory.dto';
import { publicStockView, rejected, stock, stockView, type Stock } from './stock';

/** Of stock that there is not, or whose product is gone. */
const NOBODY = { sellerId: null, isForSale: false };

/** What is on the shelves, per variant. Reserving is the checkout's. */
@ApiTags('Stock')
@Roles(...SELLING)
@Controller('api/stock')
export class InventoryController {
  constructor(
    private readonly commands: CommandBus,
    private readonly stocks: Stocks,
    private readonly owners: ProductOwners,
    private readonly past: Past,
  ) {}

  /**
   * How many units of something that is for sale can be bought now; to the seller also how many there are and how many are reserved.
   * As it was before, and of drafts: to the seller, admins and analysts.
   */
  @Get(':variantId')
  @Public()
  @QueryDocs({ asOf: true, problems: ['stock-not-found', 'as-of-forbidden'] })
  @ApiOkResponse({ type: StockDto })
  async get(
    @PathId('variantId') variantId: string,
    @AsOf() asOf: Instant | null,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<StockDto> {
    await assertReached(request);
    const now = await this.stocks.get(variantId);
    const owner = now.state.productId && (await this.owners.find(now.state.productId, variantId));
    const { sellerId, isForSale } = owner || NOBODY;
    const looksBack = mayLookBack(request.principal, sellerId);
    if (!isForSale && !looksBack) throw rejected('stock-not-found');
    const view = mayActFor(request.principal, sellerId) ? stockView : publicStockView;
    if (asOf === null) {
      setToken(reply, now.position);
      return answerQuery(request, reply, now.revision, view(variantId, now.state));
    }
    if (!looksBack) throw sellersRejected('as-of-forbidden');
    const settled = await this.past.settle(asOf);
    const { state, revision, position } = await this.past.state(stock, variantId, settled);
    if (state.productId === null) throw rejected('stock-not-found');
    setAsOf(reply, settled, position);
    return answerQuery(request, reply, revision, view(variantId, state));
  }

  /** Units came in. */
  @Post(':variantId/receipts')
  @Limited('changes')
  @HttpCode(200)
  @CommandDocs({ ifMatch: 'optional', problems: ['stock-variant-unknown', 'stock-too-large'] })
  @ApiOkResponse({ type: StockDto })
  async receive(
    @PathId('variantId') variantId: string,
    @CurrentPrincipal() principal: Principal,
    @Context() context: CommandContext,
    @Body() body: ReceiveStockDto,
    @HttpReply() reply: FastifyReply,
  ): Promise<StockDto> {
    const command = new ReceiveStock(context, { variantId, ...body, ...asSeller(principal) });
    return this.answer(reply, variantId, await this.commands.execute(command));
  }

  /** The shelf was found to hold more or fewer units than the books say. */
  @Post(':variantId/adjustments')
  @Limited('changes')
  @HttpCode(200)
  @CommandDocs({ ifMatch: 'optional', problems: ['stock-variant-unknown', 'stock-reserved', 'stock-too-large'] })
  @ApiOkResponse({ type: StockDto })
  async adjust(
    @PathId('variantId') variantId: string,
    @CurrentPrincipal() principal: Principal,
    @Context() context: CommandContext,
    @Body() body: AdjustStockDto,
    @HttpReply() reply: FastifyReply,
  ): Promise<StockDto> {
    const command = new AdjustStock(context, { variantId, ...body, ...asSeller(principal) });
    return this.answer(reply, variantId, await this.commands.execute(command));
  }

  private answer(reply: FastifyReply, variantId: string, changed: Changed<Stock>): StockDto {
    return answer(reply, changed, { body: stockView(variantId, changed.state) });
  }
}
