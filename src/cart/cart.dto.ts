import { IsEmail, IsIn, IsISO31661Alpha2, IsString, Matches, MaxLength } from 'class-validator';
import { Currency, OptionalMember, PlainObject, Quantity, Text, Uuid } from '../kernel/http/decorators';

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
  @Text({ max: 200, example: 'Ada Lovelace' })
  name!: string;

  @Text({ max: 200, example: 'Torstraße 1' })
  street!: string;

  @OptionalMember()
  @Text({ max: 200 })
  street2?: string;

  @Text({ max: 200, example: 'Berlin' })
  city!: string;

  @OptionalMember()
  @Text({ max: 200 })
  region?: string;
}

export class DeliverToDto {
  /** ISO 3166-1 alpha-2: `DE`. */
  @IsISO31661Alpha2()
  country!: string;

  @Text({ max: 20, example: '10119' })
  postcode!: string;

  @PlainObject(() => RecipientDto)
  to!: RecipientDto;
}

export class ContactDto {
  @IsString()
  @MaxLength(320)
  @IsEmail()
  email!: string;

  @OptionalMember()
  @Matches(/^\+?[\d ()/.-]{4,40}$/, { message: '$property must be a telephone number' })
  phone?: string;
}

export class PaymentDto {
  /** Who moves the money; the built-in gateway is `test`. */
  @IsIn(['test'])
  gateway!: string;

  /** The gateway's reference to the buyer's means of payment, never a card number: `test-approved`. */
  @Text({ max: 200, example: 'test-approved' })
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
