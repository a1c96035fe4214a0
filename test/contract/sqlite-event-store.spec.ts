import Database from 'libsql';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock } from '#src/kernel/clock';
import { type EventStore, StoreUnavailable } from '#src/kernel/event-store/event-store';
import { SqliteEventStore, type SqliteEventStoreOptions } from '#src/kernel/event-store/sqlite-event-store';
import { connect, rowOf } from '#src/kernel/event-store/sqlite/connection';
import { type RunningProgram, startProgram } from '../support/programs';
import {
  batchesUntil,
  caughtUp,
  delivered,
  eventStoreContract,
  logAfter,
  newEvent,
  newEvents,
  newStream,
} from './event-store.contract';

const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'event-store-'));

eventStoreContract('SQLite', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'events.db');
  let store = await SqliteEventStore.open({ file });
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = await SqliteEventStore.open({ file }));
    },
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});

describe('The SQLite event store', () => {
  let folder: string;
  let file: string;
  let opened: { close(): unknown }[];

  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder, 'events.db');
    opened = [];
  });

  afterEach(async () => {
    for (const each of opened.reverse()) await each.close();
    rmSync(folder, { recursive: true });
  });

  async function open(options: Partial<SqliteEventStoreOptions> = {}): Promise<SqliteEventStore> {
    const store = await SqliteEventStore.open({ file, ...options });
    opened.push(store);
    return store;
  }

  /** Another connection to the file, as an analyst's tool would have one. */
  function connection(): Database.Database {
    const database = new Database(file);
    opened.push(database);
    return database;
  }

  const idsOfLog = async (store: EventStore) => (await logAfter(store, null)).map(({ id }) => id);

  describe('that is asked for many appends in one turn', () => {
    /** Looked at once per transaction, it tells which events were committed together. */
    const ticking = () =>
      new (class extends Clock {
        transactions = 0;
        now = () => new Date(++this.transactions);
      })();

    it('commits them together, and answers each of them', async () => {
      const clock = ticking();
      const store = await open({ clock });
      const stream = newStream();

      const answers = await Promise.allSettled([
        ...Array.from({ length: 62 }, () => store.append(newStream(), 'no_stream', newEvents(2))),
        store.append(stream, 'no_stream', newEvents(1)),
        store.append(stream, 'no_stream', newEvents(1)),
      ]);

      expect(clock.transactions).toBe(1);
      expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(1);
      expect(await logAfter(store, null)).toHaveLength(125);
    });

    it('commits a flood of them in slices, between which everything else has its turn', async () => {
      const clock = ticking();
      const store = await open({ clock });
      let turns = 0;
      let flooded = true;
      const otherWork = () => {
        turns++;
        if (flooded) setImmediate(otherWork);
      };
      otherWork();

      const text = 'x'.repeat(1_000);
      await Promise.all(
        Array.from({ length: 2_000 }, () => store.append(newStream(), 'no_stream', [newEvent({ text })])),
      );
      flooded = false;

      expect(clock.transactions).toBeGreaterThanOrEqual(4);
      expect(turns).toBeGreaterThanOrEqual(clock.transactions);
    });
  });

  describe('on a full disk', () => {
    const big = () => newEvent({ text: 'x'.repeat(20_000) });

    /** Appends until there is no room; the ids of what was stored. */
    async function fill(store: EventStore, stream: string): Promise<string[]> {
      for (const stored: string[] = []; ;) {
        const event = big();
        try {
          await store.append(stream, stored.length === 0 ? 'no_stream' : stored.length - 1, [event]);
          stored.push(event.id);
        } catch (error) {
          expect(error).toBeInstanceOf(StoreUnavailable);
          return stored;
        }
      }
    }

    it('says definitely that nothing was stored, and keeps what was', async () => {
      const store = await open({ maxPageCount: 64 });
      const stream = newStream();
      const stored = await fill(store, stream);

      const batch = [
        store.append(newStream(), 'no_stream', [big()]),
        store.append(stream, stored.length - 1, [big(), big()]),
        store.append(newStream(), 'no_stream', [big()]),
      ];

      for (const answer of await Promise.allSettled(batch)) {
        expect(answer).toMatchObject({ status: 'rejected', reason: { name: 'StoreUnavailable' } });
      }
      expect(stored.length).toBeGreaterThan(0);
      expect(await idsOfLog(store)).toEqual(stored);
      await store.close();
      expect(await idsOfLog(await open())).toEqual(stored);
    });

    it('still answers reads, wrong revisions and repeats', async () => {
      const store = await open({ maxPageCount: 64 });
      const stream = newStream();
      const first = newEvent();
      const answer = await store.append(stream, 'no_stream', [first]);
      await fill(store, newStream());

      expect(await store.append(stream, 'no_stream', [first])).toEqual(answer);
      await expect(store.append(stream, 'no_stream', [newEvent()])).rejects.toMatchObject({ actual: 0 });
      expect(await store.readStream(stream)).toHaveLength(1);
    });

    it('goes on where it was as soon as there is room again', async () => {
      const store = await open({ maxPageCount: 64 });
      const stream = newStream();
      const stored = await fill(store, stream);

      await store.setStreamMetadata(stream, { maxCount: 1 });
      const event = big();
      await store.append(stream, stored.length - 1, [event]);

      expect(await idsOfLog(store)).toEqual([event.id]);
      expect((await store.readStream(stream))[0]!.revision).toBe(stored.length);
    });
  });

  describe('while another connection holds the write lock', () => {
    it('lets the event loop run, and stores when the lock is released', async () => {
      const store = await open();
      const other = connection();
      other.exec('BEGIN IMMEDIATE');
      const stream = newStream();
      let answered = false;
      const appends = Promise.all(
        Array.from({ length: 10 }, () => store.append(newStream(), 'no_stream', newEvents(1))).concat(
          store.append(stream, 'no_stream', newEvents(2)),
        ),
      ).finally(() => (answered = true));

      for (let turn = 0; turn < 20; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        expect(await store.readStream(stream)).toEqual([]);
        expect(answered).toBe(false);
      }
      other.exec('ROLLBACK');
      await appends;

      expect(await logAfter(store, null)).toHaveLength(12);
    });

    it('refuses after a while, stores nothing, and works after that', async () => {
      const store = await open();
      const other = connection();
      other.exec('BEGIN IMMEDIATE');

      const refused = store.append(newStream(), 'no_stream', newEvents(1));
      await expect(refused).rejects.toBeInstanceOf(StoreUnavailable);
      await expect(refused).rejects.toThrow('locked');

      other.exec('ROLLBACK');
      await store.append(newStream(), 'no_stream', newEvents(1));
      expect(await logAfter(store, null)).toHaveLength(1);
    });

    it('answers what was asked for before it closes', async () => {
      const store = await open();
      const other = connection();
      other.exec('BEGIN IMMEDIATE');
      const append = store.append(newStream(), 'no_stream', newEvents(1));
      setTimeout(() => other.exec('ROLLBACK'), 30);

      await store.close();

      expect((await append).revision).toBe(0);
    });
  });

  describe('whose process ends in the middle', () => {
    /** Every acknowledged event is there, and what else is there was sent: streams without a gap. */
    async function expectAcknowledged({ lines }: RunningProgram): Promise<void> {
      const store = await open();
      const log = await logAfter(store, null);
      const revisions = new Map<string, number>();
      for (const { stream, revision } of log) {
        expect(revision).toBe((revisions.get(stream) ?? -1) + 1);
        revisions.set(stream, revision);
      }
      const stored = new Set(log.map(({ stream, revision, id }) => `stored ${stream} ${revision} ${id}`));
      expect(lines.filter((line) => line.startsWith('stored') && !stored.has(line))).toEqual([]);

      const [stream, last] = [...revisions][0]!;
      expect((await store.append(stream, last, newEvents(1))).revision).toBe(last + 1);
    }

    it('(SIGKILL) has every acknowledged append when it is opened again', async () => {
      const program = startProgram('append-forever', [file]);
      await program.printed(2_000);
      program.process.kill('SIGKILL');

      expect(await program.ended()).toBe('SIGKILL');
      await expectAcknowledged(program);
    });

    it('(I/O error at a commit) says that the outcome is unknown, ends, and has every acknowledged append', async () => {
      const program = startProgram('append-forever', [file], 1024 * 1024);

      expect(await program.ended()).toBe(70);
      expect(program.errors.join()).toContain('disk I/O error');
      expect(program.lines.filter((line) => line.startsWith('unknown'))).toHaveLength(16);
      expect(program.lines.length).toBeGreaterThan(16);
      await expectAcknowledged(program);
    });
  });

  describe('opened read-only beside the one that writes', () => {
    it('reads and follows what is appended, and appends nothing', async () => {
      const store = await open();
      const stream = newStream();
      await store.append(stream, 'no_stream', newEvents(2));
      const reader = await open({ readOnly: true });
      const late = newEvents(2);
      const following = batchesUntil(reader, null, delivered([late[1]!.id]));
      await batchesUntil(reader, null, caughtUp);
      await store.append(stream, 1, late);

      const events = (await following).flatMap((batch) => batch.events);
      expect(events).toEqual(await store.readStream(stream));
      expect(await reader.readStream(stream)).toEqual(events);
      expect(await reader.head()).toEqual(await store.head());
      expect(reader.soleWriter).toBe(false);
      await expect(reader.append(stream, 3, newEvents(1))).rejects.toBeInstanceOf(TypeError);
    });

    it('is refused when there is no event store in the file', async () => {
      await expect(open({ readOnly: true })).rejects.toThrow(file);
    });
  });

  it('notices what another connection has written, although there should be none', async () => {
    const store = await open();
    const stream = newStream();
    await store.append(stream, 'no_stream', newEvents(1));
    const other = await open();
    await other.append(stream, 0, newEvents(1));

    await expect(store.append(stream, 0, newEvents(1))).rejects.toMatchObject({ expected: 0, actual: 1 });
    const last = newEvent();
    const following = batchesUntil(store, null, delivered([last.id]));
    await store.append(stream, 1, [last]);
    expect((await following).flatMap(({ events }) => events)).toEqual(await logAfter(store, null));
  });

  it('never records a time before the one of the event in front, whatever the clock says', async () => {
    const clock = new (class extends Clock {
      time = '2026-05-01T12:00:00.000Z';
      now = () => new Date(this.time);
    })();
    const stream = newStream();
    const store = await open({ clock });
    await store.append(stream, 'no_stream', newEvents(1));
    clock.time = '2026-05-01T11:00:00.000Z';
    await store.append(stream, 0, newEvents(1));
    await store.close();
    const reopened = await open({ clock });
    await reopened.append(stream, 1, newEvents(1));
    clock.time = '2026-05-01T13:00:00.000Z';
    await reopened.append(stream, 2, newEvents(1));

    expect((await logAfter(reopened, null)).map(({ recordedAt }) => recordedAt)).toEqual([
      '2026-05-01T12:00:00.000Z',
      '2026-05-01T12:00:00.000Z',
      '2026-05-01T12:00:00.000Z',
      '2026-05-01T13:00:00.000Z',
    ]);
  });

  it('keeps the events of a stream for as long as it was told, and its revision for ever', async () => {
    const clock = new (class extends Clock {
      seconds = 0;
      now = () => new Date(this.seconds * 1000);
    })();
    const store = await open({ clock });
    const stream = newStream();
    await store.setStreamMetadata(stream, { maxAge: 60 });
    await store.append(stream, 'no_stream', newEvents(2));
    clock.seconds = 40;
    await store.append(stream, 1, newEvents(1));

    const revisions = async () => (await store.readStream(stream)).map(({ revision }) => revision);
    expect(await revisions()).toEqual([0, 1, 2]);
    clock.seconds = 61;
    expect(await revisions()).toEqual([2]);
    clock.seconds = 101;
    expect(await revisions()).toEqual([]);
    await expect(store.append(stream, 'no_stream', newEvents(1))).rejects.toMatchObject({ actual: 2 });
    expect((await store.append(stream, 2, newEvents(1))).revision).toBe(3);
    expect(await revisions()).toEqual([3]);
    expect(connection().prepare('SELECT count(*) AS count FROM log').get()).toMatchObject({ count: 1 });
  });

  it('asks the disk for an fsync at every commit', async () => {
    const database = connect(file, false);
    opened.push(database);

    expect(rowOf(database.prepare('PRAGMA journal_mode'))).toEqual(['wal']);
    const FULL = 2;
    expect(rowOf(database.prepare('PRAGMA synchronous'))).toEqual([FULL]);
  });

  it('can be read with SQL by whoever opens the file', async () => {
    const store = await open();
    const event = newEvent({ item: { sku: 'MUG' } });
    await store.append('cart-1', 'no_stream', [event]);

    const sql = `SELECT stream, revision, type, id, data ->> '$.item.sku' AS sku FROM log`;
    expect(connection().prepare(sql).all()).toEqual([
      expect.objectContaining({ stream: 'cart-1', revision: 0, type: 'Noted', id: event.id, sku: 'MUG' }),
    ]);
  });

  it('does not touch a file of a newer release', async () => {
    connection().exec('PRAGMA user_version = 99');

    await expect(open()).rejects.toThrow('newer release');
  });

  it('answers nothing any more once it is closed, and ends its subscriptions', async () => {
    const store = await open();
    const following = batchesUntil(store, null, () => false);
    await batchesUntil(store, null, caughtUp);
    await store.close();

    expect(await following).toEqual([{ events: [], upTo: null, caughtUp: true }]);
    await expect(store.append(newStream(), 'no_stream', newEvents(1))).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.readStream(newStream())).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.head()).rejects.toBeInstanceOf(StoreUnavailable);
  });
});
