import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refreshCopy, type RefreshOptions } from '#src/history/columnar/columnar-copy';
import { filesOf, readCopy } from '#src/history/columnar/copy-manifest';
import { withDuckDb } from '#src/history/columnar/duckdb';
import { openHistory } from '#src/history/source';
import { DataFolder } from '#src/kernel/event-store/data-folder';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { newId } from '#src/kernel/ids';
import { stampOf } from '#src/kernel/position';
import { tempFolder } from '../support/temp-folder';
import { SteppingClock, writeSampleLog } from './sample-log';

let dataDir: string;
let folder: string;
let events: number;
beforeEach(async () => {
  dataDir = tempFolder();
  folder = join(dataDir, 'history');
  events = await writeSampleLog(dataDir, 300);
});
afterEach(() => rmSync(dataDir, { recursive: true }));

async function refresh(options: RefreshOptions = {}, of = dataDir) {
  const source = await openHistory({ dataDir: of, eventStoreUrl: null });
  try {
    return await refreshCopy(source, folder, options);
  } finally {
    await source.close();
  }
}

/** Appends so many more events to the store. */
async function goOn(count: number) {
  const store = await SqliteEventStore.open({ file: join(dataDir, 'events.db'), clock: new SteppingClock() });
  for (let n = 0; n < count; n++)
    await store.append(`cart-${newId()}`, 'no_stream', [
      { id: newId(), type: 'Later', data: { n }, metadata: { v: 1 } },
    ]);
  await store.close();
}

/** Everything that the copy holds, as `<seq> <commit> <revision> <type>`, in log order. */
async function rows() {
  const copy = (await readCopy(folder))!;
  const paths = filesOf(folder, copy).map((path) => `'${path}'`);
  return withDuckDb(async (duck) => {
    const sql = `SELECT concat_ws(' ', seq, commit, revision, type) FROM read_parquet([${paths.join(', ')}]) ORDER BY seq`;
    return (await duck.runAndReadAll(sql)).getRowsJson().map(([row]) => String(row));
  });
}

async function expected() {
  const source = await openHistory({ dataDir, eventStoreUrl: null });
  const log = (await source.store.readAll({ limit: 10_000 })).filter(({ type }) => type !== 'SnapshotTaken');
  await source.close();
  return log.map(({ position, revision, type }, n) => `${n + 1} ${position.commit} ${revision} ${type}`);
}

describe('the columnar copy of a log', () => {
  it('holds every event once, and says what it is as of', async () => {
    const copy = await refresh();
    expect(copy.events).toBe(events);
    expect(await rows()).toEqual(await expected());
    const source = await openHistory({ dataDir, eventStoreUrl: null });
    const page = await source.store.readAll({ direction: 'backwards', limit: 5 });
    await source.close();
    const newest = page.find(({ type }) => type !== 'SnapshotTaken')!;
    expect(copy.asOf).toEqual({
      position: stampOf(newest.position),
      recordedAt: newest.recordedAt,
      eventId: newest.id,
    });
  });

  it('takes in only what is new, in further files', async () => {
    const first = await refresh();
    expect((await refresh()).generation).toBe(first.generation);
    await goOn(7);
    const second = await refresh();
    expect(second.files.map((file) => file.events)).toEqual([events, 7]);
    expect(second.files[0]).toEqual(first.files[0]);
    expect(await rows()).toEqual(await expected());
  });

  it('keeps files of at most so many events, and puts small ones together when there are many', async () => {
    expect((await refresh({ fileEvents: 100 })).files.map((file) => file.events)).toEqual([100, 100, 100, 1]);
    for (let n = 0; n < 4; n++) {
      await goOn(3);
      await refresh({ fileEvents: 100, mostSmallFiles: 3 });
    }
    const copy = (await readCopy(folder))!;
    expect(copy.files.length).toBeLessThan(8);
    expect(copy.retired.length).toBeGreaterThan(2);
    // A query that began before may still read them.
    for (const { name } of copy.retired) expect(existsSync(join(folder, name))).toBe(true);
    expect(await rows()).toEqual(await expected());
  });

  it('is made anew for another store, for a store that was put back, and where a file of it is gone', async () => {
    const { files, generation } = await refresh();
    writeFileSync(join(folder, files[0]!.name), '');
    rmSync(join(folder, files[0]!.name));
    const anew = await refresh();
    expect(anew.generation).toBeGreaterThan(generation);
    expect(await rows()).toEqual(await expected());
    await goOn(3);
    await refresh();
    rmSync(join(dataDir, 'events.db'));
    for (const end of ['-wal', '-shm']) rmSync(join(dataDir, `events.db${end}`), { force: true });
    await writeSampleLog(dataDir, 200);
    await goOn(150);
    const other = await refresh();
    expect(other.events).toBe(351);
    expect(await rows()).toEqual(await expected());
  });

  it('waits for another process that works on it', async () => {
    const held = DataFolder.open(folder);
    await expect(refresh({ patienceMs: 60 })).rejects.toThrow('in use by another process');
    setTimeout(() => held.close(), 100);
    expect((await refresh()).events).toBe(events);
  });

  it('goes on after it was cut short, without what was half-written', async () => {
    await refresh({ fileEvents: 100 });
    rmSync(join(folder, 'manifest.json'));
    writeFileSync(join(folder, 'events-00000001.parquet.unfinished'), 'half');
    await refresh({ fileEvents: 100 });
    expect(await rows()).toEqual(await expected());
    expect(readdirSync(folder)).not.toContain('staged');
  });
});
