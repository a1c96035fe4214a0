import type { Json } from '@duckdb/node-api';
import type { SqlColumn, SqlDatabaseOptions } from './sql-database';
import type { SqlRefusal } from './sql-refused';

/** The first message to a process that answers SQL. */
export type OpenMessage = Omit<SqlDatabaseOptions, 'registry'>;

export interface Question {
  readonly sql: string;
  /** A larger answer is refused. */
  readonly mostRows: number;
  readonly mostBytes: number;
}

/** What comes back: `ready` once; then, of each question, its columns, rows and the end, or why there is no answer. */
export type FromSqlProcess =
  | { readonly ready: true }
  | { readonly columns: readonly SqlColumn[] }
  | { readonly rows: readonly (readonly Json[])[] }
  | { readonly end: number }
  | { readonly refused: { readonly code: SqlRefusal; readonly message: string } };
