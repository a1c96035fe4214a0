import type { ExportFormat } from './format';

/** The events just as they are stored, sealed values included: the one format that can be imported. */
export const ndjson: ExportFormat = {
  name: 'ndjson',
  extension: 'ndjson',
  meaning: 'one JSON object per line, just as stored, with sealed values as they are; it can be imported',
  hasLines: true,
  mayBePerDay: true,
  head: '',
  text: (_, line) => `${line}\n`,
  finish: null,
};
