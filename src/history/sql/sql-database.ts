import {
  type DuckDBConnection,
  type DuckDBInstance,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  type Json,
  StatementType,
} from '@duckdb/node-api';
import type { EventRegistry } from '../../kernel/event-definitions';
import { type DuckDbSettings, literal, openDuckDb } from '../columnar/duckdb';
import { eventsView, type LogInstant, typedViews } from './event-views';
import { assertPermitted, type KnownNames } from './permitted-sql';
import { shopViews } from './shop-views';
import { refusalOf, SqlRefused } from './sql-refused';
import { jsonValue, parsedJson } from './sql-values';

export interface SqlDatabaseOptions extends DuckDbSettings {
  /** Paths of the files of a columnar copy, at least one. Nothing else can be read. */
  readonly files: readonly string[];
  readonly registry: EventRegistry;
  /** Everything is as of then; default: now. */
  readonly upTo?: LogInstant;
}

export interface SqlColumn {
  readonly name: string;
  /** As DuckDB calls it. */
  readonly type: string;
}

/** Some rows, each with a value per column. */
export type SqlPage = readonly (readonly Json[])[];

export interface SqlAnswer {
  readonly columns: readonly SqlColumn[];
  /** The rows, some at a time, while they are found. @throws SqlRefused */
  readonly pages: AsyncIterable<SqlPage>;
}

/** Statements that change nothing. EXPLAIN would run what it explains. */
const ALLOWED = new Set([StatementType.SELECT]);

const TABLES = `
  SELECT view_name AS name, 'view' AS kind FROM duckdb_views() WHERE NOT internal
  UNION ALL SELECT function_name || '(moment)', 'as of a moment' FROM duckdb_functions()
  WHERE function_type = 'table_macro' AND NOT internal ORDER BY kind DESC, name`;

const NAMES = `
  SELECT lower(view_name) AS name, CASE WHEN internal THEN 'internal' ELSE 'view' END AS kind FROM duckdb_views()
  UNION ALL SELECT lower(function_name), 'function' FROM duckdb_functions()
  WHERE function_type = 'table_macro' AND NOT internal`;

/**
 * DuckDB over a columnar copy, locked down before the first question: no file but those of the copy, no network, no extension, no
 * setting can be reached or changed, whatever is asked. And nothing can be asked of it but what is in the history.
 */
export class SqlDatabase {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly known: KnownNames,
  ) {}

  static async open({ files, registry, upTo, ...settings }: SqlDatabaseOptions): Promise<SqlDatabase> {
    const instance = await openDuckDb(settings);
    const connection = await instance.connect();
    const views = [eventsView(files, upTo), ...typedViews(registry), ...shopViews()];
    for (const statement of [`SET TimeZone = 'UTC'`, ...views, ...lock(files)]) await connection.run(statement);
    return new SqlDatabase(instance, connection, await namesIn(connection));
  }

  /** Answers one SELECT over the views and functions of the history. @throws SqlRefused */
  async ask(sql: string): Promise<SqlAnswer> {
    await this.permit(sql);
    return this.answer(sql);
  }

  /** The names of all views and functions. */
  tables(): Promise<SqlAnswer> {
    return this.answer(TABLES);
  }

  private async permit(sql: string): Promise<void> {
    try {
      const answer = await this.connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
      assertPermitted(sql, String(answer.getRowsJson()[0]![0]), this.known);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  private async answer(sql: string): Promise<SqlAnswer> {
    const statement = await this.prepare(sql);
    try {
      const result = await statement.stream();
      const columns = result.columnNames().map((name, n) => ({ name, type: typeOf(result, n) }));
      const isJson = columns.map(({ type }) => type === JSON_TYPE);
      const values = (row: readonly Json[]) => row.map((value, n) => (isJson[n] ? parsedJson(value) : value));
      return { columns, pages: pagesOf(result.yieldConvertedRows<Json>(jsonValue), statement, values) };
    } catch (error) {
      statement.destroySync();
      throw refusalOf(error);
    }
  }

  /** Ends the question that is being answered; it is refused then. */
  interrupt(): void {
    this.connection.interrupt();
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }

  private async prepare(sql: string): Promise<DuckDBPreparedStatement> {
    try {
      const { count, statement } = await this.only(sql);
      if (count > 1) throw new SqlRefused('sql-not-allowed', 'One statement at a time is answered.');
      if (ALLOWED.has(statement!.statementType)) return statement!;
      statement!.destroySync();
      throw new SqlRefused('sql-not-allowed', 'Only SELECT is answered: nothing here can be changed.');
    } catch (error) {
      throw refusalOf(error);
    }
  }

  private async only(sql: string): Promise<{ count: number; statement: DuckDBPreparedStatement | null }> {
    const statements = await this.connection.extractStatements(sql);
    const { count } = statements;
    return { count, statement: count === 1 ? await statements.prepare(0) : null };
  }
}

async function namesIn(connection: DuckDBConnection): Promise<KnownNames> {
  const rows = (await connection.runAndReadAll(NAMES)).getRowsJson();
  const of = (kind: string) => new Set(rows.filter((row) => row[1] === kind).map(([name]) => String(name)));
  return { views: of('view'), functions: of('function'), internal: of('internal') };
}

/** In DuckDB it is a text with another name. */
const JSON_TYPE = 'JSON';

const typeOf = (result: DuckDBResult, n: number): string =>
  result.columnLogicalType(n).alias ?? String(result.columnType(n));

const lock = (files: readonly string[]): string[] => [
  'SET allow_persistent_secrets = false',
  `SET allowed_paths = [${files.map(literal).join(', ')}]`,
  'SET enable_external_access = false',
  'SET lock_configuration = true',
];

async function* pagesOf(
  rows: AsyncIterable<(Json | null)[][]>,
  statement: DuckDBPreparedStatement,
  values: (row: readonly Json[]) => readonly Json[],
): AsyncGenerator<SqlPage, void> {
  try {
    for await (const page of rows) yield page.map(values);
  } catch (error) {
    throw refusalOf(error);
  } finally {
    statement.destroySync();
  }
}
