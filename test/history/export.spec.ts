import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDuckDb } from '#src/history/columnar/duckdb';
import { exportLog, type ExportRequest } from '#src/history/export/export-log';
import { csv } from '#src/history/export/formats/csv';
import { ndjson } from '#src/history/export/formats/ndjson';
import { parquet } from '#src/history/export/formats/parquet';
import { allFormats } from '#src/history/export/formats/all-formats';
import { eventOfLine, textsOf } from '#src/history/export/log-line';
import { readManifest } from '#src/history/export/manifest';
import { EVERYTHING } from '#src/history/export/selection';
import { openHistory } from '#src/history/source';
import { positionOfStamp } from '#src/kernel/position';
import { tempFolder, tempFolderOfThisFile } from '../support/temp-folder';
import { SEALED, STORE_ID, writeSampleLog } from './sample-log';

const dataDir = tempFolderOfThisFile();
const work = tempFolderOfThisFile();
let events: number;
beforeAll(async () => {
  events = await writeSampleLog(dataDir, 400);
});

let exports = 0;
const newFolder = () => join(work, `export-${exports++}`);

const open = () => openHistory({ dataDir, eventStoreUrl: null });

async function run(request: Partial<ExportRequest> = {}) {
  const source = await open();
  try {
    const stretch = { after: null, upTo: await source.store.head() };
    const defaults = { folder: newFolder(), format: ndjson, selection: EVERYTHING, perDay: false, stretch };
    const whole = { ...defaults, ...request };
    return { folder: whole.folder, manifest: await exportLog(source, whole) };
  } finally {
    await source.close();
  }
}

/** Every file of a folder, by name. */
const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));

const linesOf = (folder: string, name = 'events.ndjson') =>
  readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);

describe('an export as NDJSON', () => {
  it('holds every event just as it is stored, in the order of the log, and no snapshot', async () => {
    const { folder, manifest } = await run();
    const source = await open();
    const stored = (await source.store.readAll({ limit: 1_000 })).filter(({ type }) => type !== 'SnapshotTaken');
    await source.close();
    expect(linesOf(folder).map(eventOfLine)).toEqual(stored);
    expect(linesOf(folder).map((line) => JSON.stringify(eventOfLine(line).data))).toEqual(
      stored.map(({ data }) => JSON.stringify(data)),
    );
    expect(manifest).toMatchObject({ format: 'ndjson', storeId: STORE_ID, events, perDay: false });
    expect(readFileSync(join(folder, 'events.ndjson'), 'utf8')).toContain(SEALED.ct);
  });

  it('is the same, byte for byte, every time', async () => {
    const [first, second] = [await run(), await run()];
    expect(contents(second.folder)).toEqual(contents(first.folder));
    expect(readdirSync(first.folder).sort()).toEqual(['events.ndjson', 'events.ndjson.lines', 'manifest.json']);
  });

  it('has one file per day of UTC where that is asked for, and the same hash of the log', async () => {
    const whole = await run();
    const { folder, manifest } = await run({ perDay: true });
    expect(manifest.files.map(({ name }) => name)).toEqual([
      'events-2026-03-01.ndjson',
      'events-2026-03-02.ndjson',
      'events-2026-03-03.ndjson',
      'events-2026-03-04.ndjson',
    ]);
    const text = manifest.files.map(({ name }) => readFileSync(join(folder, name), 'utf8')).join('');
    expect(text).toBe(readFileSync(join(whole.folder, 'events.ndjson'), 'utf8'));
    expect(manifest.logHash).toBe(whole.manifest.logHash);
    for (const { name, first, last } of manifest.files) {
      expect(name).toContain(first!.recordedAt.slice(0, 10));
      expect(name).toContain(last!.recordedAt.slice(0, 10));
    }
  });

  it('ends where it was asked to end, and says what it was as of', async () => {
    const { manifest: all } = await run();
    const upTo = positionOfStamp(`${'100'.padStart(20, '0')}/${'100'.padStart(20, '0')}`);
    const { manifest } = await run({ stretch: { after: null, upTo } });
    expect(manifest.asOf!.position <= '00000000000000000100/00000000000000000100').toBe(true);
    expect(manifest.last).toEqual(manifest.asOf);
    expect(manifest.events).toBeLessThan(all.events);
  });

  it('holds the selected types and streams alone', async () => {
    const selection = { ...EVERYTHING, types: ['Happened1', 'Happened2'], streams: ['cart'] };
    const { folder, manifest } = await run({ selection });
    const found = linesOf(folder).map(eventOfLine);
    expect(found.length).toBeGreaterThan(10);
    expect(found.every(({ stream, type }) => stream.startsWith('cart-') && /^Happened[12]$/.test(type))).toBe(true);
    expect(Object.keys(manifest.types)).toEqual(['Happened1', 'Happened2']);
    expect(manifest.types['Happened1']).toEqual({
      events: found.filter(({ type }) => type === 'Happened1').length,
      versions: { '1': found.filter(({ type }) => type === 'Happened1').length },
    });
  });

  it('is an empty file where nothing was selected', async () => {
    const { manifest } = await run({ selection: { ...EVERYTHING, types: ['NeverHappened'] } });
    expect(manifest).toMatchObject({ events: 0, first: null, last: null, files: [{ events: 0, bytes: 0 }] });
  });
});

describe('an export as Parquet or CSV', () => {
  it('shows personal data as pseudonyms, and nothing that is sealed', async () => {
    const { folder } = await run({ format: csv });
    const text = readFileSync(join(folder, 'events.csv'), 'utf8');
    expect(text).not.toContain(SEALED.ct);
    expect(text).toContain('{""pseudonym"":""guest-7"",""purpose"":""order:7"",""kind"":""Recipient""}');
    const parquetFile = join((await run({ format: parquet })).folder, 'events.parquet');
    expect(readFileSync(parquetFile, 'latin1')).not.toContain(SEALED.ct);
  });

  it('has a row for every event, with the same hash of the log as NDJSON', async () => {
    const { manifest } = await run();
    for (const format of [parquet, csv]) {
      const { folder, manifest: other } = await run({ format });
      expect(other.logHash).toBe(manifest.logHash);
      const file = join(folder, `events.${format.extension}`);
      const rows = await withDuckDb(async (duck) =>
        (await duck.runAndReadAll(`SELECT commit, stream, revision::INTEGER AS revision FROM '${file}'`)).getRowsJson(),
      );
      const lines = linesOf((await run()).folder).map(eventOfLine);
      expect(rows).toEqual(lines.map(({ position, stream, revision }) => [position.commit, stream, revision]));
    }
  });

  it('keeps data and metadata as JSON that is the event’s own', async () => {
    const { folder } = await run({ format: parquet });
    const file = join(folder, 'events.parquet');
    const [row] = await withDuckDb(async (duck) =>
      (
        await duck.runAndReadAll(`SELECT data, metadata FROM '${file}' WHERE data ->> 'zeta' = '5'`)
      ).getRowObjectsJson(),
    );
    const event = linesOf((await run()).folder)
      .map(eventOfLine)
      .find(({ data }) => data['zeta'] === 5)!;
    const pseudonym = { pseudonym: 'guest-7', purpose: 'order:7', kind: 'Recipient' };
    const text = JSON.stringify(event.data).replace(JSON.stringify(SEALED), JSON.stringify(pseudonym));
    expect(row!['data']).toBe(text);
    expect(row!['metadata']).toBe(JSON.stringify(event.metadata));
  });

  it('has data and metadata as texts in Parquet', async () => {
    const { folder } = await run({ format: parquet });
    const rows = await withDuckDb(async (duck) =>
      (
        await duck.runAndReadAll(`
          SELECT name, converted_type, logical_type FROM parquet_schema('${join(folder, 'events.parquet')}')
          WHERE name IN ('data', 'metadata')`)
      ).getRowsJson(),
    );
    expect(rows).toEqual(['data', 'metadata'].map((name) => [name, 'UTF8', expect.not.stringMatching(/json/i)]));
  });

  it('gives a spreadsheet no formula', async () => {
    const event = eventOfLine(linesOf((await run()).folder)[0]!);
    const row = csv.text({ ...event, stream: '=HYPERLINK("x")-1', type: '@SUM' }, '', textsOf(event));
    expect(row).toContain(`,"'=HYPERLINK(""x"")-1",`);
    expect(row).toContain(`,'@SUM,`);
  });
});

describe('an export that was cut short', () => {
  /** The same request again and again, each time cut short after so many pages more, until it is done. */
  async function inPieces(request: Partial<ExportRequest>, before?: (folder: string) => void) {
    const folder = newFolder();
    for (let tries = 1; ; tries++) {
      const stop = new AbortController();
      const onProgress = () => stop.abort(new Error('cut short'));
      try {
        return { ...(await run({ ...request, folder, signal: stop.signal, onProgress })), tries };
      } catch (error) {
        expect((error as Error).message).toBe('cut short');
        before?.(folder);
        if (tries > 20) throw error;
      }
    }
  }

  it.each(
    allFormats.flatMap((format) =>
      (format.mayBePerDay ? [true, false] : [false]).map((perDay) => ({ format, perDay })),
    ),
  )('comes to the same bytes as $format.name (per day: $perDay)', async ({ format, perDay }) => {
    const whole = await run({ format, perDay });
    const state = contents(whole.folder);
    for (const cut of await statesOnTheWay({ format, perDay })) {
      const { folder } = await run({ format, perDay, folder: cut });
      expect(contents(folder)).toEqual(state);
    }
  });

  /** Copies of the folder as a kill at any of its steps would leave it. */
  async function statesOnTheWay(request: Partial<ExportRequest>): Promise<string[]> {
    const folder = newFolder();
    const copies: string[] = [];
    const source = await open();
    const readAll = source.store.readAll.bind(source.store);
    jest.spyOn(source.store, 'readAll').mockImplementation(async (options) => {
      if (existsSync(folder)) copies.push(copyOf(folder));
      return readAll({ ...options, limit: Math.min(options.limit, 90) });
    });
    const upTo = await source.store.head();
    const defaults = { folder, format: ndjson, selection: EVERYTHING, perDay: false, notedEvery: 50 };
    await exportLog(source, { ...defaults, ...request, stretch: { after: null, upTo } });
    await source.close();
    return copies.filter((copy) => existsSync(join(copy, 'export-progress.json')) || readdirSync(copy).length === 0);
  }

  const copyOf = (folder: string): string => {
    const copy = newFolder();
    cpSync(folder, copy, { recursive: true });
    return copy;
  };

  it('does not trust what was written after the progress was noted', async () => {
    const whole = contents((await run()).folder);
    const { folder } = await inPieces({ notedEvery: 50 }, (cut) => {
      for (const name of readdirSync(cut)) if (name.endsWith('.part')) truncateSync(join(cut, name), 1_000_000);
    });
    expect(contents(folder)).toEqual(whole);
  });
});

describe('the folder of an export', () => {
  it('is not written into when it holds something else', async () => {
    const { folder } = await run();
    await expect(run({ folder })).rejects.toThrow('holds a finished export already; choose an empty folder.');
    const full = tempFolder();
    writeFileSync(join(full, 'letter.txt'), 'Dear Ada');
    await expect(run({ folder: full })).rejects.toThrow('is not empty');
    expect(readdirSync(full)).toEqual(['letter.txt']);
  });

  it('has a manifest that is refused when it was changed', async () => {
    const { folder } = await run();
    const path = join(folder, 'manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"events":', ' "events":'));
    await expect(readManifest(folder)).rejects.toThrow('was changed');
  });
});
