import { writeOcelJson } from '../../ocel/json-file';
import { writeOcelSqlite } from '../../ocel/sqlite-file';
import { tell } from '../../ocel/told-event';
import type { ExportFormat } from './format';

/** What both forms are made from. An object is told of by many events, so there is one file. */
const ocel: Pick<ExportFormat, 'hasLines' | 'mayBePerDay' | 'head' | 'text'> = {
  hasLines: false,
  mayBePerDay: false,
  head: '',
  text: (event) => {
    const told = tell(event);
    return told ? `${JSON.stringify(told)}\n` : '';
  },
};

/** Object-centric event log, OCEL 2.0 (https://www.ocel-standard.org), as JSON. */
export const ocel2: ExportFormat = {
  ...ocel,
  name: 'ocel2',
  extension: 'ocel2.json',
  meaning: 'an object-centric event log (OCEL 2.0, JSON) for process mining, persons as pseudonyms',
  finish: writeOcelJson,
};

/** The same as a SQLite database. */
export const ocel2Sqlite: ExportFormat = {
  ...ocel,
  name: 'ocel2-sqlite',
  extension: 'ocel2.sqlite',
  meaning: 'the same as a SQLite database',
  finish: writeOcelSqlite,
};
