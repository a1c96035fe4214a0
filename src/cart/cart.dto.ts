import { IsEmail, IsIn, Matches } from 'class-validator';
import { Country, OptionalMember, PlainObject, Uuid } from '../kernel/http/decorators';
import { Of } from '../kernel/http/of.decorator';
import { NoCardNumber } from '../words/card-numbers';
import { Quantity } from '../words/lines';
import { Currency } from '../words/money';
import { contact, DeliverTo, PaymentMethod, recipient } from '../words/people';

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
  @Of(Currency)
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

export class ContactDto {
  @Of(contact.schema.properties.email, { example: 'ada@example.org' })
  @IsEmail()
  email!: string;

  @OptionalMember()
  @Of(contact.schema.properties.phone, { example: '+49 30 1234567', what: 'a telephone number' })
  @Matches(/^\+?[\d ()/.-]{4,}$/, { message: '$property must be a telephone number' })
  phone?: string;
}

export class PaymentDto {
  /** Who moves the money; the built-in gateway is `test`. */
  @IsIn(['test'])
  gateway!: string;

  /** The gateway's reference to the buyer's means of payment, never a card number: `test-approved`. */
  @Of(PaymentMethod.properties.token, { example: 'test-approved' })
  @NoCardNumber()
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
