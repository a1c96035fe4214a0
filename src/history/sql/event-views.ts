import type { TSchema } from 'typebox';
import type { EventRegistry } from '../../kernel/event-definitions';
import type { Instant } from '../../kernel/instant';
import { literal, quoted } from '../columnar/duckdb';
import { type ColumnShape, shapeOf } from '../columnar/duckdb-types';

/** What every typed view has of `events`. */
const COMMON = [
  'seq',
  'position',
  'stream',
  'aggregate_id',
  'revision',
  'recorded_at',
  'occurred_at',
  'actor_kind',
  'actor_id',
  'command_id',
  'correlation_id',
  'causation_id',
  'event_id',
  'version',
];

/** A moment of the whole log. */
export type LogInstant = Exclude<Instant, { readonly kind: 'revision' }>;

/** The view `events` over the files of the copy: every event, whatever its type, up to the moment. */
export function eventsView(files: readonly string[], upTo: LogInstant = { kind: 'now' }): string {
  const of = files.length === 1 ? literal(files[0]!) : `[${files.map(literal).join(', ')}]`;
  return `CREATE VIEW events AS
    SELECT seq, commit || '/' || prepare AS position, * EXCLUDE (seq) FROM read_parquet(${of}) WHERE ${untilThen(upTo, of)}`;
}

/** Recorded times may go back: the first event that was recorded later ends it. */
function untilThen(instant: LogInstant, files: string): string {
  if (instant.kind === 'now') return 'true';
  if (instant.kind === 'time')
    return `seq < (SELECT coalesce(min(seq), 9223372036854775807) FROM read_parquet(${files}) WHERE recorded_at > TIMESTAMPTZ ${literal(instant.time)})`;
  const { commit, prepare } = instant.position;
  return `(commit < ${literal(commit)} OR (commit = ${literal(commit)} AND prepare <= ${literal(prepare)}))`;
}

/** One view per type of event, with a column per member of its data. */
export function typedViews(registry: EventRegistry): string[] {
  return [...registry.all].map(([type, { definition }]) => typedView(type, definition.schema.properties));
}

function typedView(type: string, members: Readonly<Record<string, TSchema>>): string {
  const columns = Object.entries(members).map(([name, schema]) => {
    const column = snakeCase(name);
    return `${valueOf(name, shapeOf(schema))} AS ${quoted(COMMON.includes(column) ? `data_${column}` : column)}`;
  });
  const all = [...COMMON.map(quoted), ...columns].join(', ');
  return `CREATE VIEW ${quoted(snakeCase(type))} AS SELECT ${all} FROM events WHERE type = ${literal(type)}`;
}

/** A member of the data, as the type that its schema says. */
function valueOf(name: string, shape: ColumnShape): string {
  if (shape === 'JSON') return `data -> ${literal(name)}`;
  if (typeof shape === 'string') return `CAST(data ->> ${literal(name)} AS ${shape})`;
  return `from_json(data -> ${literal(name)}, ${literal(JSON.stringify(shape))})`;
}

/** `ItemAddedToCart` → `item_added_to_cart`: how types and members are named in SQL. */
const snakeCase = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
