import { csvRow } from '../../csv-row';
import { EVENT_COLUMNS } from '../event-columns';
import type { ExportFormat } from './format';

/** One row per event, RFC 4180, UTF-8; data and metadata as JSON. */
export const csv: ExportFormat = {
  name: 'csv',
  extension: 'csv',
  meaning: 'one row per event (RFC 4180), data and metadata as JSON, personal data as pseudonyms',
  hasLines: false,
  mayBePerDay: true,
  head: csvRow(EVENT_COLUMNS.map(({ name }) => name)),
  text: (event, _, texts) => csvRow(EVENT_COLUMNS.map((column) => column.of(event, texts))),
  finish: null,
};
