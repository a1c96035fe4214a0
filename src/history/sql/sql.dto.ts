import { ApiProperty } from '@nestjs/swagger';
import { Text } from '../../kernel/http/decorators';
import { exact } from '../../kernel/text/text-kinds';

export class AskSqlDto {
  /** One SELECT in DuckDB's SQL, over the views of the history: `SHOW TABLES` lists them. */
  @Text({ max: 20_000, example: 'SELECT status, count(*) AS orders FROM orders GROUP BY status', kind: exact })
  sql!: string;
}

/** A place in the log. */
export class SqlPlaceDto {
  /** @example "00000000000000001234/00000000000000001234" */
  position!: string;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;

  @ApiProperty({ format: 'uuid', description: 'Of the event that is there.' })
  eventId!: string;
}

export class SqlColumnDto {
  name!: string;

  /** As DuckDB calls it. @example "VARCHAR" */
  type!: string;
}

export class SqlAnswerDto {
  @ApiProperty({
    type: () => SqlPlaceDto,
    nullable: true,
    description: 'The last event that the answer knows of; null: there was none.',
  })
  asOf!: SqlPlaceDto | null;

  @ApiProperty({ type: () => [SqlColumnDto] })
  columns!: readonly SqlColumnDto[];

  @ApiProperty({ type: 'array', items: { type: 'array', items: {} }, description: 'Each with a value per column.' })
  rows!: readonly (readonly unknown[])[];
}
