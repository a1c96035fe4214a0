import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import Type from 'typebox';
import { OptionalMember } from '#src/kernel/http/decorators';
import { Of } from '#src/kernel/http/of.decorator';
import { PageQuery } from '#src/kernel/http/paging.dto';
import { PAYMENT_STATUSES, type PaymentStatus } from '#src/payments/payments.events';
import type { ItemOptions } from '#src/words/lines';
import { ItemImageDto, LineDto, OPTIONS, TotalsDto } from '#src/words/lines.dto';
import { ORDER_STATUSES, type OrderStatus } from '#src/words/orders';
import { RejectionDto } from '#src/words/orders.dto';

export class OrderHistoryQuery extends PageQuery {
  /** Only orders of this status. */
  @OptionalMember()
  @Of(Type.Enum([...ORDER_STATUSES]))
  status?: OrderStatus;
}

export class OrderedItemDto {
  name!: string;
  sku!: string;

  /** What tells the variant from the others of its product. Absent in orders that were made before options were kept. */
  @ApiPropertyOptional(OPTIONS)
  options?: ItemOptions;

  /** Absent where the product had none. */
  image?: ItemImageDto;

  quantity!: number;
}

/** An order in a list. */
export class OrderSummaryDto {
  @ApiProperty({ format: 'uuid' })
  orderId!: string;

  /** What people call the order. @example "A748Q-KSEWR" */
  orderNumber!: string;

  @ApiProperty({ enum: ORDER_STATUSES })
  status!: OrderStatus;

  /** `none`: no money was asked for, because it was not come to that, or the order costs nothing. */
  @ApiProperty({ enum: PAYMENT_STATUSES })
  payment!: PaymentStatus;

  /** When the cart was checked out. */
  @ApiProperty({ format: 'date-time' })
  receivedAt!: string;

  /** When something about the order changed last. */
  @ApiProperty({ format: 'date-time' })
  changedAt!: string;

  totals!: TotalsDto;

  @ApiProperty({ type: () => [OrderedItemDto] })
  items!: readonly OrderedItemDto[];
}

export class OrderHistoryDto {
  @ApiProperty({ type: () => [OrderSummaryDto] })
  items!: readonly OrderSummaryDto[];

  @ApiProperty({ type: String, nullable: true })
  next!: string | null;

  @ApiProperty({ type: String, nullable: true })
  prev!: string | null;
}

export class RecipientViewDto {
  name!: string;
  street!: string;
  street2?: string;
  city!: string;
  region?: string;
}

export class DeliverToViewDto {
  country!: string;
  postcode!: string;

  /** null: the person was erased. */
  @ApiProperty({ type: () => RecipientViewDto, nullable: true })
  to!: RecipientViewDto | null;
}

export class ContactViewDto {
  email!: string;
  phone?: string;
}

/** The whole order, as its buyer sees it. */
export class OrderDto extends OrderSummaryDto {
  @ApiProperty({ type: () => [LineDto] })
  lines!: readonly LineDto[];

  deliverTo!: DeliverToViewDto;

  /** null: the person was erased. */
  @ApiProperty({ type: () => ContactViewDto, nullable: true })
  contact!: ContactViewDto | null;

  @ApiProperty({ type: () => RejectionDto, nullable: true })
  rejection!: RejectionDto | null;
}
