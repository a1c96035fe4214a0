import { IsEmail, IsIn, Matches } from 'class-validator';
import { Country, Currency, OptionalMember, PlainObject, Quantity, Uuid } from '../kernel/http/decorators';
import { TextOf } from '../kernel/http/text.decorators';
import { contact, DeliverTo, PaymentMethod, recipient } from '../words/people';

export class AddItemDto {
  /** The product that the variant is of. */
  @Uuid()
  productId!: string;

  @Uuid()
  variantId!: string;

  @Quantity()
  quantity!: number;

  /** Currency of a cart that is empty, where the item is sold in several; later items follow it. */
  @OptionalMember()
  @Currency()
  currency?: string;
}

export class ChangeQuantityDto {
  @Quantity()
  quantity!: number;
}

export class RecipientDto {
  @TextOf(recipient.schema.properties.name, { example: 'Ada Lovelace' })
  name!: string;

  @TextOf(recipient.schema.properties.street, { example: 'Torstraße 1' })
  street!: string;

  @OptionalMember()
  @TextOf(recipient.schema.properties.street2)
  street2?: string;

  @TextOf(recipient.schema.properties.city, { example: 'Berlin' })
  city!: string;

  @OptionalMember()
  @TextOf(recipient.schema.properties.region)
  region?: string;
}

export class DeliverToDto {
  /** ISO 3166-1 alpha-2: `DE`. */
  @Country()
  country!: string;

  @TextOf(DeliverTo.properties.postcode, { example: '10119' })
  postcode!: string;

  @PlainObject(() => RecipientDto)
  to!: RecipientDto;
}

export class ContactDto {
  @TextOf(contact.schema.properties.email, { example: 'ada@example.org' })
  @IsEmail()
  email!: string;

  @OptionalMember()
  @TextOf(contact.schema.properties.phone, { example: '+49 30 1234567', what: 'a telephone number' })
  @Matches(/^\+?[\d ()/.-]{4,}$/, { message: '$property must be a telephone number' })
  phone?: string;
}

export class PaymentDto {
  /** Who moves the money; the built-in gateway is `test`. */
  @IsIn(['test'])
  gateway!: string;

  /** The gateway's reference to the buyer's means of payment, never a card number: `test-approved`. */
  @TextOf(PaymentMethod.properties.token, { example: 'test-approved' })
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

  @PlainObject(() => PaymentDto)
  payment!: PaymentDto;
}
