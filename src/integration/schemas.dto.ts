import { ApiProperty } from '@nestjs/swagger';

export class SchemaReferenceDto {
  /** @example "chronocart.ordering.order-placed.v1" */
  type!: string;

  /** Where its schema is. */
  href!: string;
}

export class SchemaListDto {
  @ApiProperty({ type: () => [SchemaReferenceDto] })
  items!: readonly SchemaReferenceDto[];
}
