import { IsIn, Matches } from 'class-validator';
import { Country, EmailAddress, OptionalMember, PlainObject, Uuid } from '../kernel/http/decorators';
import { Of } from '../kernel/http/of.decorator';
import { oneLine, type TextKind } from '../kernel/text/text-kinds';
import { Quantity } from '../words/lines';
import { CurrencyCode } from '../words/currency.decorator';
import { GATEWAY_NAMES } from '../words/payment-gateways';
import { contact, DeliverTo, recipient } from '../words/people';
import { PaymentToken } from './payment.decorators';

export class AddItemDto {
  /** The product that the variant is of. */
  @Uuid()
  productId!: string;

  @Uuid()
  variantId!: string;

  @Of(Quantity)
  quantity!: number;

  /** Currency of a cart that is empty, where the item is sold in several; later items follow it. */
  @OptionalMember()
  @CurrencyCode()
  currency?: string;
}

export class ChangeQuantityDto {
  @Of(Quantity)
  quantity!: number;
}

export class RecipientDto {
  @Of(recipient.schema.properties.name, { example: 'Ada Lovelace' })
  name!: string;

  @Of(recipient.schema.properties.street, { example: 'Torstraße 1' })
  street!: string;

  @OptionalMember()
  @Of(recipient.schema.properties.street2)
  street2?: string;

  @Of(recipient.schema.properties.city, { example: 'Berlin' })
  city!: string;

  @OptionalMember()
  @Of(recipient.schema.properties.region)
  region?: string;
}

export class DeliverToDto {
  /** ISO 3166-1 alpha-2: `DE`. */
  @Country()
  country!: string;

  @Of(DeliverTo.properties.postcode, { example: '10119' })
  postcode!: string;

  @PlainObject(() => RecipientDto)
  to!: RecipientDto;
}

/** As address books give it to the clipboard: between characters that say its direction. */
const telephone: TextKind = { ...oneLine, normalise: (text) => oneLine.normalise(text.replace(/\p{Cf}/gu, '')) };

export class ContactDto {
  @EmailAddress(contact.schema.properties.email)
  email!: string;

  @OptionalMember()
  @Of(contact.schema.properties.phone, { example: '+49 30 1234567', what: 'a telephone number', kind: telephone })
  @Matches(/^\+?[\d ()/.-]{4,}$/, { message: '$property must be a telephone number' })
  phone?: string;
}

export class PaymentDto {
  /** Who moves the money; the built-in gateway is `test`. */
  @IsIn(GATEWAY_NAMES)
  gateway!: string;

  /** The gateway's reference to the buyer's means of payment, never a card number: `test-approved`. */
  @PaymentToken()
  token!: string;
}

export class CheckOutDto {
  /** The `quote` of GET /api/cart: what the buyer has seen and agrees to. */
  @Matches(/^[1-9]\d{0,9}\.[\w-]{1,100}$/, { message: '$property must be the quote of the cart' })
  quote!: string;

  @PlainObject(() => DeliverToDto)
  deliverTo!: DeliverToDto;

  @PlainObject(() => ContactDto)
  contact!: ContactDto;

  /** How the order is paid; left out where there is nothing to pay. */
  @OptionalMember()
  @PlainObject(() => PaymentDto)
  payment?: PaymentDto;
}
