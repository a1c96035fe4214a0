import { Text } from '../../kernel/http/decorators';

export class AskSqlDto {
  /** One SELECT in DuckDB's SQL, over the views of the history: `SHOW TABLES` lists them. */
  @Text({ max: 20_000, example: 'SELECT status, count(*) AS orders FROM orders GROUP BY status' })
  sql!: string;
}
