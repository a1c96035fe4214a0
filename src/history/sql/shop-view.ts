import { literal } from '../columnar/duckdb';

/**
 * What analysts ask about most, each as of a time: a table function, and a view that is that function as of now. Recorded times may go
 * back on EventStoreDB: what had happened then is all that is in the log before the first event that was recorded later.
 */
export interface ShopView {
  /** Of the view; the function is called `<name>_as_of`. */
  readonly name: string;
  /** SELECT over `moment`, a TIMESTAMPTZ. */
  readonly query: string;
}

/** As a list of SQL, without its brackets. */
export const listed = (types: readonly string[]): string => types.map(literal).join(', ');

/** What stands for the value of `column`; NULL for what is not among them. */
export const caseOf = (column: string, values: Readonly<Record<string, string>>): string =>
  `CASE ${column} ${Object.entries(values)
    .map(([value, result]) => `WHEN ${literal(value)} THEN ${literal(result)}`)
    .join(' ')} END`;
