import { Global, Module } from '@nestjs/common';
import { CartMerges } from '../words/cart-merges';
import { cartCommandHandlers, Carts, Checkouts } from './cart.commands';
import { CartController } from './cart.controller';
import { CheckoutController } from './checkout.controller';
import { MergesOfCarts } from './cart-merges';

/** Global for what log-in asks of it: whether a guest's cart has been taken over. */
@Global()
@Module({
  controllers: [CartController, CheckoutController],
  providers: [Carts, Checkouts, { provide: CartMerges, useClass: MergesOfCarts }, ...cartCommandHandlers],
  exports: [CartMerges],
})
export class CartModule {}
