import { Injectable } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, WritePath, type Changed } from '../kernel/aggregates';
import { Clock } from '../kernel/clock';
import { Command } from '../kernel/commands';
import { decides } from '../kernel/decides';
import { ProductOwners } from '../words/product-owners';
import type { StockEvent } from './inventory.events';
import {
  adjustStock,
  commitStock,
  confirmReservation,
  receiveStock,
  releaseStock,
  reserveStock,
  stock,
  type Adjustment,
  type Reserve,
  type Reserved,
  type Stock,
  type VariantOfProduct,
} from './stock';

@Injectable()
export class Stocks extends Aggregates<Stock, StockEvent> {
  constructor(path: WritePath) {
    super(path, stock);
  }
}

/** `asSeller`: moves only what is this seller's; absent: in the name of the shop. */
export class ReceiveStock extends Command<VariantOfProduct & { quantity: number; asSeller?: string }, Changed<Stock>> {}

@CommandHandler(ReceiveStock)
export class ReceiveStockHandler implements ICommandHandler<ReceiveStock> {
  constructor(
    private readonly stocks: Stocks,
    private readonly owners: ProductOwners,
  ) {}

  execute(command: ReceiveStock): Promise<Changed<Stock>> {
    const { variantId, productId } = command.data;
    return this.stocks.change(command, variantId, {
      fetch: () => this.owners.find(productId, variantId),
      decide: (stock, owner) => receiveStock(stock, { ...command.data, owner }),
    });
  }
}

export class AdjustStock extends Command<VariantOfProduct & Adjustment & { asSeller?: string }, Changed<Stock>> {}

@CommandHandler(AdjustStock)
export class AdjustStockHandler implements ICommandHandler<AdjustStock> {
  constructor(
    private readonly stocks: Stocks,
    private readonly owners: ProductOwners,
  ) {}

  execute(command: AdjustStock): Promise<Changed<Stock>> {
    const { variantId, productId } = command.data;
    return this.stocks.change(command, variantId, {
      fetch: () => this.owners.find(productId, variantId),
      decide: (stock, owner) => adjustStock(stock, { ...command.data, owner }),
    });
  }
}

/** `expiresAt` (ISO 8601, UTC): after it the reservation is refused, and only `ReleaseStock` frees one that was made. */
export class ReserveStock extends Command<Omit<Reserve, 'now'>, Changed<Stock>> {}

@CommandHandler(ReserveStock)
export class ReserveStockHandler implements ICommandHandler<ReserveStock> {
  constructor(
    private readonly stocks: Stocks,
    private readonly clock: Clock,
  ) {}

  execute(command: ReserveStock): Promise<Changed<Stock>> {
    return this.stocks.change(command, command.data.variantId, {
      // The time of the decision, which may be made anew long after the command has come.
      decide: (stock) => reserveStock(stock, { ...command.data, now: this.clock.now().toISOString() }),
    });
  }
}

export class ConfirmReservation extends Command<Reserved, Changed<Stock>> {}

/** `reason`: a code of up to 40 characters, `cancelled`. */
export class ReleaseStock extends Command<Reserved & { reason: string }, Changed<Stock>> {}

export class CommitStock extends Command<Reserved, Changed<Stock>> {}

export const inventoryCommandHandlers = [
  ReceiveStockHandler,
  AdjustStockHandler,
  ReserveStockHandler,
  decides(ConfirmReservation, Stocks, 'variantId', confirmReservation),
  decides(ReleaseStock, Stocks, 'variantId', releaseStock),
  decides(CommitStock, Stocks, 'variantId', commitStock),
];
