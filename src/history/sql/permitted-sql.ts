import type { Json } from '@duckdb/node-api';
import { SqlRefused } from './sql-refused';

/** What a database knows, in lower case. */
export interface KnownNames {
  /** Views over the history. */
  readonly views: ReadonlySet<string>;
  /** Its table functions. */
  readonly functions: ReadonlySet<string>;
  /** DuckDB's own views, which tell of the database itself: definitions, settings, paths. */
  readonly internal: ReadonlySet<string>;
}

/** Table functions of DuckDB that read nothing but their arguments. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'generate_series',
  'json_each',
  'json_tree',
  'range',
  'repeat',
  'unnest',
]);

/** Functions that tell of the database or the machine, not of the history, or take time and nothing else. */
const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set([
  'current_setting',
  'format_type',
  'get_block_size',
  'getenv',
  'json_serialize_plan',
  'pg_get_constraintdef',
  'pg_get_viewdef',
  'pg_sleep',
  'sleep_ms',
  'version',
  'write_log',
]);

/** A node of the tree that `json_serialize_sql` gives; only what is looked at. */
interface SyntaxNode {
  readonly type?: unknown;
  readonly table_name?: string;
  readonly schema_name?: string;
  readonly catalog_name?: string;
  readonly function_name?: string;
  readonly function?: { readonly function_name?: string };
  readonly query?: unknown;
  readonly cte_map?: { readonly map: readonly { readonly key: string }[] };
}

interface SerializedSql {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  /** Of a parser error: so many characters of the question come before it, in digits. */
  readonly position?: string;
  readonly statements?: readonly unknown[];
}

/**
 * Lets nothing through but one SELECT that names views and functions of the history, and functions that read only their arguments:
 * what is not known is refused, so that no function of DuckDB that is new or was forgotten tells of files or settings.
 * @param sql the question
 * @param serialized what DuckDB's `json_serialize_sql` makes of the question
 * @throws SqlRefused
 */
export function assertPermitted(sql: string, serialized: string, known: KnownNames): void {
  const { error, error_type, error_message, position, statements = [] } = JSON.parse(serialized) as SerializedSql;
  if (error && error_type === 'parser')
    throw new SqlRefused('sql-invalid', `Parser Error: ${error_message}${placeIn(sql, position)}`);
  if (error) throw new SqlRefused('sql-not-allowed', 'Only SELECT is answered: nothing here can be changed.');
  if (statements.length === 0) throw new SqlRefused('sql-invalid', 'There is no statement in it.');
  if (statements.length > 1) throw new SqlRefused('sql-not-allowed', 'One statement at a time is answered.');
  const nodes = nodesOf(statements[0] as Json);
  const named = new Set(nodes.flatMap(({ cte_map: ctes }) => ctes?.map.map(({ key }) => key.toLowerCase()) ?? []));
  for (const name of named) if (known.internal.has(name)) throw notAllowed(name);
  for (const node of nodes) assertNode(node, known, named);
}

/** ` at line 2, column 7`, from 1; nothing where DuckDB does not say. Its positions are characters. */
function placeIn(sql: string, position: string | undefined): string {
  if (position === undefined) return '';
  const lines = [...sql].slice(0, Number(position)).join('').split('\n');
  return ` at line ${lines.length}, column ${[...lines.at(-1)!].length + 1}`;
}

/** Every object of the tree. A question may be nested deeply, so there is no recursion. */
function nodesOf(tree: Json): SyntaxNode[] {
  const nodes: SyntaxNode[] = [];
  for (const waiting: unknown[] = [tree]; waiting.length > 0;) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next)) nodes.push(next);
    waiting.push(...(Object.values(next) as unknown[]));
  }
  return nodes;
}

function assertNode(node: SyntaxNode, known: KnownNames, named: ReadonlySet<string>): void {
  if (node.type === 'BASE_TABLE') assertRelation(node, known, named);
  if (node.type === 'SHOW_REF' && node.query === null && node.table_name !== '"tables"')
    throw new SqlRefused('sql-not-allowed', 'SHOW TABLES and DESCRIBE are answered, and nothing else of that kind.');
  if (node.type === 'TABLE_FUNCTION') {
    const name = (node.function?.function_name ?? '').toLowerCase();
    if (!TABLE_FUNCTIONS.has(name) && !known.functions.has(name)) throw notAllowed(`${name}()`);
  }
  const called = node.function_name?.toLowerCase() ?? '';
  if (REFUSED_FUNCTIONS.has(called)) throw notAllowed(`${called}()`);
}

function assertRelation(node: SyntaxNode, { views, internal }: KnownNames, named: ReadonlySet<string>): void {
  const { table_name: name = '', schema_name: schema = '', catalog_name: catalog = '' } = node;
  const isOurs = ['', 'main'].includes(schema.toLowerCase()) && ['', 'memory'].includes(catalog.toLowerCase());
  const relation = name.toLowerCase();
  if (!isOurs || internal.has(relation)) throw notAllowed([catalog, schema, name].filter(Boolean).join('.'));
  if (!views.has(relation) && !named.has(relation))
    throw new SqlRefused('sql-invalid', `There is no view ${name}: SHOW TABLES lists those that there are.`);
}

const notAllowed = (name: string): SqlRefused =>
  new SqlRefused('sql-not-allowed', `${name} is not part of the history: SHOW TABLES lists what may be read.`);
