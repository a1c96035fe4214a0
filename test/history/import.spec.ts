import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportLog } from '#src/history/export/export-log';
import { csv } from '#src/history/export/formats/csv';
import type { ExportFormat } from '#src/history/export/formats/format';
import { ndjson } from '#src/history/export/formats/ndjson';
import { EVERYTHING, type Selection } from '#src/history/export/selection';
import { importLog } from '#src/history/import/import-log';
import { openHistory } from '#src/history/source';
import { DataFolder } from '#src/kernel/event-store/data-folder';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { newId } from '#src/kernel/ids';
import { tempFolder, tempFolderOfThisFile } from '../support/temp-folder';
import { letTimesGoBack, STORE_ID, writeSampleLog } from './sample-log';

const original = tempFolderOfThisFile();
const work = tempFolderOfThisFile();
let events: number;
beforeAll(async () => {
  events = await writeSampleLog(original, 300);
});

let folders = 0;
const newFolder = () => join(work, String(folders++));

interface Asked {
  readonly format?: ExportFormat;
  readonly selection?: Selection;
  readonly perDay?: boolean;
}

async function exported(dataDir: string, { format = ndjson, selection = EVERYTHING, perDay = false }: Asked = {}) {
  const source = await openHistory({ dataDir, eventStoreUrl: null });
  const folder = newFolder();
  try {
    const stretch = { after: null, upTo: await source.store.head() };
    await exportLog(source, { folder, format, selection, perDay, stretch });
  } finally {
    await source.close();
  }
  return folder;
}

const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'base64')]));

const databasesIn = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('events.db'));

describe('an import', () => {
  it.each([false, true])(
    'of an export gives a store whose export is the same, byte for byte (per day: %s)',
    async (perDay) => {
      const from = await exported(original, { perDay });
      const dataDir = newFolder();
      const manifest = await importLog({ from, dataDir });
      expect(manifest).toMatchObject({ storeId: STORE_ID, events });
      expect(databasesIn(dataDir)).toEqual(['events.db']);
      expect(contents(await exported(dataDir, { perDay }))).toEqual(contents(from));
    },
  );

  it.each([false, true])(
    'of an export of a log whose times go back, as on EventStoreDB, gives the same too (per day: %s)',
    async (perDay) => {
      const back = tempFolder();
      await writeSampleLog(back, 300);
      letTimesGoBack(back, 3 * 3_600_000);
      const from = await exported(back, { perDay });
      const dataDir = newFolder();
      await importLog({ from, dataDir });
      expect(contents(await exported(dataDir, { perDay }))).toEqual(contents(from));
      const source = await openHistory({ dataDir, eventStoreUrl: null });
      expect(source.store.recordsInOrder).toBe(false);
      await source.close();
      rmSync(back, { recursive: true });
    },
  );

  it('gives a store that goes on: positions, revisions and times follow those that were imported', async () => {
    const dataDir = newFolder();
    await importLog({ from: await exported(original), dataDir });
    const store = await SqliteEventStore.open({ file: join(dataDir, 'events.db') });
    const [last] = await store.readAll({ direction: 'backwards', limit: 1 });
    const event = { id: newId(), type: 'Happened', data: {}, metadata: { v: 1 } };
    const { revision, position } = await store.append(last!.stream, last!.revision, [event]);
    const [next] = await store.readAll({ direction: 'backwards', limit: 1 });
    await store.close();
    expect([revision, next!.stream]).toEqual([last!.revision + 1, last!.stream]);
    expect(position.commit > last!.position.commit).toBe(true);
    expect(next!.recordedAt >= last!.recordedAt).toBe(true);
  });
});

describe('an import is refused, and leaves nothing behind,', () => {
  const refused = async (from: string, why: string, dataDir = newFolder()) => {
    await expect(importLog({ from, dataDir })).rejects.toThrow(why);
    if (existsSync(dataDir)) expect(databasesIn(dataDir)).toEqual([]);
  };

  it('when the data folder has events', async () => {
    const dataDir = newFolder();
    const from = await exported(original);
    await importLog({ from, dataDir });
    const before = readFileSync(join(dataDir, 'events.db'));
    await expect(importLog({ from, dataDir })).rejects.toThrow(`There are events in ${dataDir} already`);
    expect(readFileSync(join(dataDir, 'events.db')).equals(before)).toBe(true);
  });

  it('when another process works in the data folder', async () => {
    const dataDir = tempFolder();
    const held = DataFolder.open(dataDir);
    await expect(importLog({ from: await exported(original), dataDir })).rejects.toThrow('in use by another process');
    held.close();
    rmSync(dataDir, { recursive: true });
  });

  it('when a byte was changed', async () => {
    const from = await exported(original);
    const path = join(from, 'events.ndjson');
    const bytes = readFileSync(path);
    bytes[bytes.length - 300]! ^= 1;
    writeFileSync(path, bytes);
    await refused(from, 'events.ndjson was changed after the export');
  });

  it('when a file grew, or is missing', async () => {
    const from = await exported(original);
    appendFileSync(join(from, 'events.ndjson'), '\n');
    await refused(from, 'was changed after the export');
    rmSync(join(from, 'events.ndjson'));
    await refused(from, 'events.ndjson is missing');
  });

  it('when its files and their hashes were changed together, but not the hash of the log', async () => {
    const from = await exported(original);
    const smaller = await exported(original, { selection: { ...EVERYTHING, types: ['Happened1'] } });
    const manifest = JSON.parse(readFileSync(join(from, 'manifest.json'), 'utf8')) as { files: unknown };
    const other = JSON.parse(readFileSync(join(smaller, 'manifest.json'), 'utf8')) as { files: unknown };
    writeFileSync(join(smaller, 'manifest.json'), `${JSON.stringify({ ...manifest, files: other.files }, null, 2)}\n`);
    await expect(importLog({ from: smaller, dataDir: newFolder() })).rejects.toThrow(/can't be imported|another hash/);
  });

  it('when it holds a selection', async () => {
    const selection = { ...EVERYTHING, streams: ['cart'] };
    await refused(await exported(original, { selection }), 'holds a selection of the events');
    await refused(await exported(original, { selection: { ...EVERYTHING, to: '9' } }), 'holds a selection');
  });

  it('when it is of another format, or was never finished', async () => {
    await refused(await exported(original, { format: csv }), 'This is an export as csv');
    await refused(tempFolder(), 'holds no finished export');
  });

  it('when an export from elsewhere names files outside its folder', async () => {
    const from = await exported(original);
    const path = join(from, 'manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"events.ndjson"', '"../events.ndjson"'));
    await refused(from, 'is damaged');
  });
});
