import { join } from 'node:path';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { newId } from '#src/kernel/ids';
import { comparePositions } from '#src/kernel/position';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import type { Projection } from '#src/kernel/read-models/projection';
import type { ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { RebuildProgress } from '#src/kernel/read-models/rebuild-progress';
import {
  counted,
  KeptLog,
  metersProjection,
  MeterStream,
  openEvents,
  registry,
  STORE_ID,
  until,
} from '../support/meters';
import { type ReadPath, type ReadPathOptions, startReadPath } from '../support/read-path';
import { canonicalHash } from '../support/read-model-hash';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { Feed } from '#src/kernel/feed/feed';
import { gate, RecordingReader } from '../support/recording-reader';

const folder = tempFolderOfThisFile();
const LONG = 10_000;
let events: EventStore;
let stream: MeterStream;
let store: ReadModelStore;
const paths: ReadPath[] = [];

const meters = metersProjection();
const broken = (version: number) =>
  metersProjection({
    version,
    before: ({ data }) => {
      if ('n' in data && data.n === 13) throw new Error('No thirteens.');
    },
  });

beforeEach(async () => {
  events = await openEvents();
  stream = new MeterStream(events);
  store = new MemoryReadModelStore({ file: null });
});

afterEach(async () => {
  await stopAll();
  await store.close();
  await events.close();
});

const stopAll = () => Promise.all(paths.splice(0).map((path) => path.stop()));

async function start(...projections: readonly Projection[]): Promise<ReadPath> {
  return startWith({ projections });
}

async function startWith(options: Partial<ReadPathOptions> & Pick<ReadPathOptions, 'projections'>): Promise<ReadPath> {
  const path = await startReadPath({ events, store, ...options });
  paths.push(path);
  return path;
}

describe('read models', () => {
  it('are ready when each has caught up with the log', async () => {
    await stream.append(counted('a', 1));
    const { readModels } = await start(meters, metersProjection({ name: 'others' }));
    await until(() => readModels.ready());
    const head = await events.head();
    expect(await readModels.status()).toEqual(
      ['meters', 'others'].map((projection) => ({
        projection,
        version: 1,
        position: head,
        ready: true,
        parkedKeys: 0,
        note: null,
      })),
    );
  });

  it('are not ready, and say so, while they have not', async () => {
    await stream.append(counted('a', 1));
    const { readModels } = await startWith({ projections: [meters], projects: false });
    expect(await readModels.ready()).toBe(false);
    expect(await readModels.status()).toMatchObject([
      { position: null, ready: false, note: 'Not ready: it has not caught up with the log yet.' },
    ]);
  });

  it('are ready in a process that only reads once another process has caught up', async () => {
    const reading = await startWith({ projections: [meters], projects: false });
    await stream.append(counted('a', 1));
    const projecting = await start(meters);
    await until(() => projecting.readModels.ready());
    expect(await reading.readModels.ready()).toBe(true);
  });

  it('keep a new version with parked keys from being served until an operator has looked at them', async () => {
    await stream.append(counted('a', 13), counted('b', 1));
    const { readModels } = await start(broken(2));
    await readModels.query(broken(2)).waitFor((await events.head())!, LONG);
    await until(async () => (await readModels.parked()).length === 1);
    expect(await readModels.ready()).toBe(false);
    expect(await readModels.status()).toMatchObject([
      {
        ready: false,
        parkedKeys: 1,
        note: 'Not ready: an operator must retry, skip or acknowledge what is parked (keys: 1).',
      },
    ]);
    await readModels.acknowledge('meters', 'a');
    expect(await readModels.ready()).toBe(true);
    expect(await readModels.status()).toMatchObject([{ ready: true, parkedKeys: 1, note: 'Parked keys: 1.' }]);
  });

  it('go on serving a version that was served before, when one of its keys is parked later', async () => {
    await stream.append(counted('b', 1));
    const first = await start(broken(1));
    await until(() => first.readModels.ready());
    await stream.append(counted('a', 13));
    await first.readModels.query(broken(1)).waitFor((await events.head())!, LONG);
    expect(await first.readModels.ready()).toBe(true);
    await stopAll();
    const second = await start(broken(1));
    await until(() => second.readModels.ready());
    expect(await second.readModels.parked()).toHaveLength(1);
  });

  it('say why one of them does not go on', async () => {
    const { readModels, feed } = await start(meters);
    await stream.appendNew([{ id: newId(), type: 'Counted', data: { meter: 'a', n: 1 }, metadata: { v: 9 } }]);
    await until(() => feed!.status().some(({ paused }) => paused));
    const [status] = await readModels.status();
    expect(status?.note).toMatch(/^Event Counted version 9 .* upgrade this process\.$/);
  });

  it('build a new version beside the old one, whose documents stay until they are dropped', async () => {
    await stream.append(counted('a', 1));
    const old = await start(meters);
    await until(() => old.readModels.ready());
    const next = metersProjection({ version: 2 });
    const both = await start(next);
    await until(() => both.readModels.ready());
    await stream.append(counted('a', 2));
    const head = (await events.head())!;
    await old.readModels.query(meters).waitFor(head, LONG);
    await both.readModels.query(next).waitFor(head, LONG);
    expect(await old.readModels.query(meters).get('a')).toEqual(await both.readModels.query(next).get('a'));
  });

  it('drop, where they are told to, the versions that this release does not have, and nothing of anybody else', async () => {
    await stream.append(counted('a', 1), counted('a', 13));
    const gone = metersProjection({ name: 'gone' });
    const before = await start(broken(1), gone);
    await before.readModels.query(broken(1)).waitFor((await events.head())!, LONG);
    await before.readModels.query(gone).waitFor((await events.head())!, LONG);
    expect(await before.readModels.parked()).toHaveLength(1);
    await stopAll();
    await (
      await store.open({ name: 'timers', version: 1, indexes: [] })
    ).write([{ id: 't', was: null, stamp: '1', document: { dueAt: 'soon' } }]);

    const after = await start(metersProjection({ version: 2 }));
    await after.readModels.dropOldVersions();
    const names = (await store.list()).map(({ name, version }) => `${name}@${version}`).sort();
    expect(names).toEqual(['meters@2', 'parked@1', 'projection-versions@1', 'timers@1']);
    expect(await store.readCheckpoint('meters@1')).toBeNull();
    expect(await (await store.open({ name: 'parked', version: 1, indexes: [] })).count({})).toBe(0);
    expect(after.log.lines).toEqual(
      ['gone@1', 'meters@1'].map((name) => `Dropped the read model ${name}, which this release does not use.`),
    );
    await expect(after.readModels.drop('meters', 2)).rejects.toMatchObject({ code: 'projection-in-use' });
  });

  it('go on from their file after a stop, and fold only what came since', async () => {
    const file = join(folder, 'read-models.db');
    store = new MemoryReadModelStore({ file });
    for (let n = 0; n < 30; n++) await stream.append(counted('a', n), counted('b', n));
    const first = await start(meters);
    await until(() => first.readModels.ready());
    await stopAll();
    await store.close();
    await stream.append(counted('a', 99));

    store = new MemoryReadModelStore({ file });
    const second = await start(meters);
    await second.readModels.query(meters).waitFor((await events.head())!, LONG);
    expect(second.feed!.status()[0]!.seen).toBe(1);
    const rebuilding = new MemoryReadModelStore({ file: null });
    const third = await startWith({ projections: [meters], store: rebuilding });
    await third.readModels.query(meters).waitFor((await events.head())!, LONG);
    const spec = { name: 'meters', version: 1, indexes: [] };
    expect(await canonicalHash(await store.open(spec))).toBe(await canonicalHash(await rebuilding.open(spec)));
  });
});

describe('the progress of a rebuild', () => {
  it('is told while it lasts, with the share of the log and the rate, and when it is over', async () => {
    for (let i = 0; i < 10; i++) await stream.append(...Array.from({ length: 100 }, (_, n) => counted('a', n)));
    const log = new KeptLog();
    const reader = new RecordingReader('meters@1', ['Counted']);
    const half = gate();
    reader.onBatch = () => (reader.events.length >= 500 ? half.passed : undefined);
    const feed = new Feed({ store: events, registry, storeId: STORE_ID, logger: log, pageSize: 100 });
    feed.add(reader);
    const progress = new RebuildProgress({
      status: () => feed.status(),
      events,
      logger: log,
      interval: 5,
    });
    progress.tellOf('meters@1');
    await feed.start();
    await until(() =>
      log.lines.some((line) => /^meters@1 is being built: 50 % of the log, \d+ events\/s\.$/.test(line)),
    );
    half.open();
    await until(() => log.lines.some((line) => /^meters@1 has caught up: 1000 events in \d+\.\d s\.$/.test(line)));
    const told = log.lines.length;
    await stream.append(counted('a', 1));
    await until(async () => comparePositions(reader.last?.upTo.position ?? null, await events.head()) === 0);
    expect(log.lines).toHaveLength(told);
    progress.stop();
    await feed.stop();
  });
});
