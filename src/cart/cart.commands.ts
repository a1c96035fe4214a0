import { Injectable } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, WritePath, type Changed } from '../kernel/aggregates';
import { Command } from '../kernel/commands';
import { decides } from '../kernel/decides';
import { deriveId } from '../kernel/ids';
import type { Instant } from '../kernel/instant';
import { PersonalData, type PlainOf, type Sealing } from '../kernel/personal-data/personal';
import { Secrets } from '../kernel/secrets';
import { StoreIdentity } from '../kernel/store-identity';
import type { Line } from '../words/lines';
import { Offers, type Offer } from '../words/offers';
import { contact, recipient, type PaymentMethod, type Shopper } from '../words/people';
import {
  addItem,
  cart,
  changeQuantity,
  checkOut,
  clear,
  closeGuestCart,
  mergeGuestCart,
  rejected,
  removeItem,
  reopen,
  type Cart,
} from './cart';
import type { CartEvent } from './cart.events';
import { quotedText, type PricedCart } from './priced-cart';

@Injectable()
export class Carts extends Aggregates<Cart, CartEvent> {
  constructor(path: WritePath) {
    super(path, cart);
  }
}

/** Quotes and orders of carts: what needs the shop's secret and the store's identity. */
@Injectable()
export class Checkouts {
  constructor(
    private readonly offers: Offers,
    private readonly secrets: Secrets,
    private readonly identity: StoreIdentity,
  ) {}

  /** By variant; at most `maxAgeMs` old (a second where it is not said). */
  async offersFor(
    lines: readonly Pick<Line, 'productId' | 'variantId'>[],
    maxAgeMs?: number,
  ): Promise<Map<string, Offer>> {
    return byVariant(lines.map(async (line) => this.offers.find(line.productId, line.variantId, maxAgeMs)));
  }

  /** By variant, as they were then. */
  async offersAsOf(
    lines: readonly Pick<Line, 'productId' | 'variantId'>[],
    instant: Instant,
  ): Promise<Map<string, Offer>> {
    return byVariant(lines.map(async (line) => this.offers.findAsOf(line.productId, line.variantId, instant)));
  }

  quoteFor(cartId: string, priced: PricedCart): string {
    return `${priced.generation}.${this.secrets.hmac('quote', quotedText(cartId, priced))}`;
  }

  /** The id holds the store's id too, so that a restored backup can't make the same order twice. */
  orderOf(cartId: string, generation: number): string {
    return deriveId(this.identity.storeId, `${cartId}/${generation}`);
  }
}

async function byVariant(offers: readonly Promise<Offer | null>[]): Promise<Map<string, Offer>> {
  const found = await Promise.all(offers);
  return new Map(found.flatMap((offer) => (offer ? [[offer.variantId, offer]] : [])));
}

export class AddItemToCart extends Command<
  {
    cartId: string;
    productId: string;
    variantId: string;
    quantity: number;
    currency?: string;
  },
  Changed<Cart>
> {}

@CommandHandler(AddItemToCart)
export class AddItemToCartHandler implements ICommandHandler<AddItemToCart> {
  constructor(
    private readonly carts: Carts,
    private readonly offers: Offers,
  ) {}

  execute(command: AddItemToCart): Promise<Changed<Cart>> {
    const { cartId, productId, variantId, quantity, currency } = command.data;
    return this.carts.change(command, cartId, {
      factsAge: true,
      fetch: async (maxAgeMs) => {
        const offer = await this.offers.find(productId, variantId, maxAgeMs);
        if (!offer) throw rejected('item-not-available', { productId, variantId });
        return offer;
      },
      decide: (cart, offer) =>
        addItem(cart, { lineId: command.newId('line'), offer, quantity, ...(currency ? { currency } : {}) }),
    });
  }
}

export class ChangeCartItemQuantity extends Command<
  { cartId: string; lineId: string; quantity: number },
  Changed<Cart>
> {}

export class RemoveItemFromCart extends Command<{ cartId: string; lineId: string }, Changed<Cart>> {}

export class ClearCart extends Command<{ cartId: string }, Changed<Cart>> {}

export class CheckOutCart extends Command<
  {
    customer: Shopper;
    quote: string;
    deliverTo: { country: string; postcode: string; to: PlainOf<typeof recipient> };
    contact: PlainOf<typeof contact>;
    /** Left out by who has nothing to pay. */
    payment?: PaymentMethod;
  },
  Changed<Cart>
> {}

@CommandHandler(CheckOutCart)
export class CheckOutCartHandler implements ICommandHandler<CheckOutCart> {
  constructor(
    private readonly carts: Carts,
    private readonly checkouts: Checkouts,
    private readonly personalData: PersonalData,
  ) {}

  execute(command: CheckOutCart): Promise<Changed<Cart>> {
    const { customer, quote, deliverTo, payment } = command.data;
    const orderOf = (generation: number) => this.checkouts.orderOf(customer.id, generation);
    const buyer = async ({ generation }: Cart, seal: Sealing) => {
      const owner = { subject: customer.id, purpose: `order:${orderOf(generation)}` };
      return {
        deliverTo: { ...deliverTo, to: await seal(recipient, owner, deliverTo.to) },
        contact: await seal(contact, owner, command.data.contact),
      };
    };
    return this.carts.change(command, customer.id, {
      factsAge: true,
      fetchFor: async (cart, maxAgeMs) => ({
        offers: await this.checkouts.offersFor(cart.lines, maxAgeMs),
        ...(await buyer(cart, this.personalData.draft)),
      }),
      acquire: async ({ offers }, cart) => ({ offers, ...(await buyer(cart, this.personalData.seal)) }),
      decide: (cart, facts) =>
        checkOut(cart, {
          quote,
          customer,
          ...(payment && { payment }),
          orderOf,
          quoteFor: (priced) => this.checkouts.quoteFor(customer.id, priced),
          ...facts,
        }),
    });
  }
}

export class ReopenCart extends Command<{ cartId: string; orderId: string; lines: readonly Line[] }, Changed<Cart>> {}

export class CloseGuestCart extends Command<{ guestId: string; accountId: string }, Changed<Cart>> {}

export class MergeGuestCart extends Command<
  { accountId: string; guestId: string; lines: readonly Line[] },
  Changed<Cart>
> {}

export const cartCommandHandlers = [
  AddItemToCartHandler,
  decides(ChangeCartItemQuantity, Carts, 'cartId', changeQuantity),
  decides(RemoveItemFromCart, Carts, 'cartId', removeItem),
  decides(ClearCart, Carts, 'cartId', clear),
  CheckOutCartHandler,
  decides(ReopenCart, Carts, 'cartId', reopen),
  decides(CloseGuestCart, Carts, 'guestId', closeGuestCart),
  decides(MergeGuestCart, Carts, 'accountId', mergeGuestCart),
];
