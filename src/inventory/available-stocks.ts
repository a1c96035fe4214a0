import { Injectable } from '@nestjs/common';
import { Availability } from '../words/availability';
import { Stocks } from './inventory.commands';
import { availableOf } from './stock';

/** What is on hand and not reserved. */
@Injectable()
export class AvailableStocks extends Availability {
  constructor(private readonly stocks: Stocks) {
    super();
  }

  override async of(variantIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const availableOne = async (id: string) => [id, availableOf((await this.stocks.peek(id)).state)] as const;
    return new Map(await Promise.all(variantIds.map(availableOne)));
  }
}
