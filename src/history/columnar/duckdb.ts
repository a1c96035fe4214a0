import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** Texts of SQL: as a literal, and as a name. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export interface DuckDbSettings {
  readonly memoryLimitMb: number;
  readonly threads: number;
  /** Where a query that needs more memory than that writes to; null: it fails then. */
  readonly temporaryFolder: string | null;
}

/** What making columnar files may use: an export must fit beside a shop. */
const MODEST: DuckDbSettings = { memoryLimitMb: 512, threads: 1, temporaryFolder: null };

/** A database of its own in memory, for `work`; it is closed afterwards. */
export async function withDuckDb<T>(
  work: (connection: DuckDBConnection) => Promise<T>,
  settings: DuckDbSettings = MODEST,
): Promise<T> {
  const instance = await openDuckDb(settings);
  try {
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** A database in memory that fetches nothing by itself. DuckDB is loaded for it: a shop whose analysts are asleep does without. */
export async function openDuckDb({ memoryLimitMb, threads, temporaryFolder }: DuckDbSettings): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  return DuckDBInstance.create(':memory:', {
    memory_limit: `${memoryLimitMb}MB`,
    threads: String(threads),
    temp_directory: temporaryFolder ?? '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
}
