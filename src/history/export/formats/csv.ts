import { EVENT_COLUMNS } from '../event-columns';
import type { ExportFormat } from './format';

/** What a spreadsheet would take for a formula (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r]/;

/** RFC 4180: quoted where it must be. Nothing is left empty between quotes, so that null and '' differ. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const row = (cells: readonly (string | number | null)[]): string => `${cells.map(cell).join(',')}\r\n`;

/** One row per event, RFC 4180, UTF-8; data and metadata as JSON. */
export const csv: ExportFormat = {
  name: 'csv',
  extension: 'csv',
  meaning: 'one row per event (RFC 4180), data and metadata as JSON, personal data as pseudonyms',
  hasLines: false,
  mayBePerDay: true,
  head: row(EVENT_COLUMNS.map(({ name }) => name)),
  text: (event, _, texts) => row(EVENT_COLUMNS.map((column) => column.of(event, texts))),
  finish: null,
};
