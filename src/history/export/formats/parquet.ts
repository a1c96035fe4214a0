import { EVENT_COLUMNS } from '../event-columns';
import { writeParquet } from '../../columnar/parquet-file';
import { stagedRow } from '../../columnar/staged-text';
import type { ExportFormat } from './format';

/** One row per event, in log order, Zstandard-compressed. */
export const parquet: ExportFormat = {
  name: 'parquet',
  extension: 'parquet',
  meaning: 'columns for DuckDB, pandas, Spark and others, personal data as pseudonyms',
  hasLines: false,
  mayBePerDay: true,
  head: '',
  text: (event, _, texts) => stagedRow(EVENT_COLUMNS, event, texts),
  finish: ({ staged, file }) => writeParquet({ columns: EVENT_COLUMNS, staged: [staged], file }),
};
