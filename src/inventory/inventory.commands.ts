import { Injectable } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, WritePath, type Changed } from '../kernel/aggregates';
import { Clock } from '../kernel/clock';
import { Command } from '../kernel/commands';
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
export class ReceiveStock extends Command<VariantOfProduct & { quantity: number; asSeller?: string }> {}

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

export class AdjustStock extends Command<VariantOfProduct & Adjustment & { asSeller?: string }> {}

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
export class ReserveStock extends Command<Omit<Reserve, 'now'>> {}

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

export class ConfirmReservation extends Command<Reserved> {}

@CommandHandler(ConfirmReservation)
export class ConfirmReservationHandler implements ICommandHandler<ConfirmReservation> {
  constructor(private readonly stocks: Stocks) {}

  execute(command: ConfirmReservation): Promise<Changed<Stock>> {
    return this.stocks.change(command, command.data.variantId, {
      decide: (stock) => confirmReservation(stock, command.data),
    });
  }
}

/** `reason`: a code of up to 40 characters, `cancelled`. */
export class ReleaseStock extends Command<Reserved & { reason: string }> {}

@CommandHandler(ReleaseStock)
export class ReleaseStockHandler implements ICommandHandler<ReleaseStock> {
  constructor(private readonly stocks: Stocks) {}

  execute(command: ReleaseStock): Promise<Changed<Stock>> {
    return this.stocks.change(command, command.data.variantId, {
      decide: (stock) => releaseStock(stock, command.data),
    });
  }
}

export class CommitStock extends Command<Reserved> {}

@CommandHandler(CommitStock)
export class CommitStockHandler implements ICommandHandler<CommitStock> {
  constructor(private readonly stocks: Stocks) {}

  execute(command: CommitStock): Promise<Changed<Stock>> {
    return this.stocks.change(command, command.data.variantId, {
      decide: (stock) => commitStock(stock, command.data),
    });
  }
}

export const inventoryCommandHandlers = [
  ReceiveStockHandler,
  AdjustStockHandler,
  ReserveStockHandler,
  ConfirmReservationHandler,
  ReleaseStockHandler,
  CommitStockHandler,
];
