import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDuckDb } from '#src/history/columnar/duckdb';
import { writeParquet } from '#src/history/columnar/parquet-file';
import { stagedRow } from '#src/history/columnar/staged-text';
import { EVENT_COLUMNS } from '#src/history/export/event-columns';
import { textsOf } from '#src/history/export/log-line';
import type { RecordedEvent } from '#src/kernel/events';
import { positionOf } from '#src/kernel/position';
import { tempFolderOfThisFile } from '../support/temp-folder';

const folder = tempFolderOfThisFile();
let files = 0;

/** The rows of the Parquet file that is made of these events. */
async function rowsOf(events: readonly RecordedEvent[]) {
  const [staged, file] = [join(folder, `${++files}.text`), join(folder, `${files}.parquet`)];
  writeFileSync(staged, events.map((event) => stagedRow(EVENT_COLUMNS, event, textsOf(event))).join(''));
  await writeParquet({ columns: EVENT_COLUMNS, staged: [staged], file });
  return withDuckDb(async (duck) => (await duck.runAndReadAll(`SELECT * FROM '${file}'`)).getRowObjectsJson());
}

const event = (changes: Partial<RecordedEvent> = {}): RecordedEvent => ({
  position: positionOf(7),
  stream: 'cart-7',
  revision: 0,
  id: '018f2b6e-7a61-7c3d-8e4f-0123456789ab',
  recordedAt: '2026-03-01T22:00:00.000Z',
  type: 'Happened',
  data: {},
  metadata: { v: 1 },
  ...changes,
});

const actor = (id: string | null) => event({ metadata: { v: 1, actor: { kind: 'guest', id } } });

describe('the text that a columnar file is made from', () => {
  it.each([
    ['', 'nothing at all'],
    ['a,b;c\td', 'separators'],
    ['first\nsecond\r\nthird', 'line breaks'],
    ['"quoted" \'text\'', 'quotation marks'],
    ['\x02\x1f\x02\x02', 'the control characters that it uses itself'],
    ['Grüße 🫖 \u2028 \\ \\n', 'characters that others have to escape'],
    ['NULL', 'the word for nothing'],
    ['a\0b', 'the character zero'],
  ])('keeps %j in a cell (%s)', async (id) => {
    const [row] = await rowsOf([actor(id)]);
    expect(row!['actor_id']).toBe(id);
  });

  it('tells an empty text from none', async () => {
    const rows = await rowsOf([actor(''), actor(null)]);
    expect(rows.map((row) => row['actor_id'])).toEqual(['', null]);
  });

  it('keeps data and metadata as they are written, whatever is in them', async () => {
    const data = { '10': 1e21, third: 1 / 3, text: 'a\n\t"\\\x1f\x02\0', list: [-0.5, null, true], 'odd "name"': {} };
    const [row] = await rowsOf([event({ data, metadata: { v: 1, text: '\x1f\x02\n' } })]);
    expect(row!['data']).toBe(JSON.stringify(data));
    expect(row!['metadata']).toBe(JSON.stringify({ v: 1, text: '\x1f\x02\n' }));
  });

  it('has no time where an event claims one that is none', async () => {
    const times = ['2026-03-01T21:59:59.123Z', 'yesterday'];
    const rows = await rowsOf(times.map((occurredAt) => event({ metadata: { v: 1, occurredAt } })));
    expect(rows.map((row) => row['occurred_at'])).toEqual(['2026-03-01 21:59:59.123+00', null]);
  });

  it('takes the largest event that a store does, and none at all', async () => {
    const data = { text: 'x'.repeat(500_000) };
    expect((await rowsOf([event(), event({ data }), event()])).map((row) => row['data'])).toEqual([
      '{}',
      JSON.stringify(data),
      '{}',
    ]);
    expect(await rowsOf([])).toEqual([]);
  });
});
