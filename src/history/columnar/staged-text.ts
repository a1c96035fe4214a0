import { MAX_APPEND_BYTES } from '../../kernel/event-store/event-store';
import type { RecordedEvent } from '../../kernel/events';
import type { EventColumn } from '../export/event-columns';
import type { EventTexts } from '../export/log-line';
import { literal } from './duckdb';

/**
 * The text that a columnar file is made from: comma-separated values (RFC 4180), but with control characters in place of commas and
 * quotation marks. A text of JSON holds none of them, so it is written as it is, and read as it is.
 */
const SEPARATOR = '\x1f';
const QUOTE = '\x02';
const CONTROL = /\p{Cc}/u;

/** Twice what an append may hold; a reader keeps room for several such rows. */
const MOST_ROW_BYTES = 2 * MAX_APPEND_BYTES;

/** An event as a row of the text. */
export function stagedRow(columns: readonly EventColumn[], event: RecordedEvent, texts: EventTexts): string {
  const cells = columns.map((column) => {
    const value = column.of(event, texts);
    return column.type === 'JSON' ? value : cell(value);
  });
  return `${cells.join(SEPARATOR)}\n`;
}

/** Nothing at all is null, so that an empty text is one between quotes. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  return value === '' || CONTROL.test(value) ? `${QUOTE}${value.replaceAll(QUOTE, QUOTE + QUOTE)}${QUOTE}` : value;
}

/** What DuckDB reads such texts with: their rows, in this order. */
export function readStaged(columns: readonly Pick<EventColumn, 'name' | 'type'>[], paths: readonly string[]): string {
  const types = columns.map(({ name, type }) => `${literal(name)}: ${literal(TYPES[type])}`);
  const options = [
    'auto_detect = false',
    'header = false',
    `delim = '${SEPARATOR}'`,
    `quote = '${QUOTE}'`,
    `escape = '${QUOTE}'`,
    `new_line = '\\n'`,
    `nullstr = ''`,
    'allow_quoted_nulls = false',
    `max_line_size = ${MOST_ROW_BYTES}`,
    `columns = {${types.join(', ')}}`,
  ];
  return `read_csv([${paths.map(literal).join(', ')}], ${options.join(', ')})`;
}

/** JSON stays the text that it is, so that nothing of how it is written changes; what claims to be a time may be none. */
const TYPES: Readonly<Record<EventColumn['type'], string>> = {
  VARCHAR: 'VARCHAR',
  JSON: 'VARCHAR',
  TIMESTAMPTZ: 'VARCHAR',
  INTEGER: 'INTEGER',
  BIGINT: 'BIGINT',
};
