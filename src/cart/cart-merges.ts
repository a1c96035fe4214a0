import { Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { CartMerges, type CartMerge } from '../words/cart-merges';
import { hadNothing } from './cart';
import { Carts } from './cart.commands';

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 50;

/** Looks at the carts themselves, because no read model needs to know of merges. */
@Injectable()
export class MergesOfCarts extends CartMerges {
  constructor(private readonly carts: Carts) {
    super();
  }

  override async settled(accountId: string, guestId: string, timeoutMs: number): Promise<CartMerge> {
    const deadline = performance.now() + timeoutMs;
    const guest = await this.carts.get(guestId);
    if (hadNothing(guest.state)) return { merged: true, position: guest.position };
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const { state, position } = await this.carts.get(accountId);
      if (state.settled.includes(guestId)) return { merged: true, position };
      if (performance.now() + pauseMs > deadline) return { merged: false, position: null };
      await sleep(pauseMs);
    }
  }
}
