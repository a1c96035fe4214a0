import { EVENT_COLUMNS } from '../event-columns';
import { writeParquet } from '../../columnar/parquet-file';
import { stagedRow } from '../../columnar/staged-text';
import type { ExportFormat } from './format';

/** JSON is text: what Parquet calls JSON is bytes to Polars, and has no functions of texts in pandas. DuckDB reads JSON from texts as well. */
const COLUMNS = EVENT_COLUMNS.map(({ name, type }) => ({ name, type: type === 'JSON' ? ('VARCHAR' as const) : type }));

/** One row per event, in log order, Zstandard-compressed. */
export const parquet: ExportFormat = {
  name: 'parquet',
  extension: 'parquet',
  meaning: 'columns for DuckDB, pandas, Spark and others, personal data as pseudonyms',
  hasLines: false,
  mayBePerDay: true,
  head: '',
  text: (event, _, texts) => stagedRow(EVENT_COLUMNS, event, texts),
  finish: ({ staged, file }) => writeParquet({ columns: COLUMNS, staged: [staged], file }),
};
