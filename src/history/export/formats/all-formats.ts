import { csv } from './csv';
import type { ExportFormat } from './format';
import { ndjson } from './ndjson';
import { ocel2, ocel2Sqlite } from './ocel2';
import { parquet } from './parquet';

/** Every format that `export` knows, in the order of its help. */
export const allFormats: readonly ExportFormat[] = [ndjson, parquet, csv, ocel2, ocel2Sqlite];
