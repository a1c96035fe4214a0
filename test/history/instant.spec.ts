import { join } from 'node:path';
import type { RecordedEvent } from '#src/kernel/events';
import { StoreUnavailable, type EventStore, type ReadAllOptions } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { deriveId } from '#src/kernel/ids';
import { covers, InvalidInstant, parseInstant, textOfInstant } from '#src/kernel/instant';
import { comparePositions, positionOf, stampOf } from '#src/kernel/position';
import { BulkWriter } from '#src/history/import/bulk-writer';
import { placeOf, settle } from '#src/history/instant';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { Random } from '../support/random';

describe('an instant', () => {
  it.each([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T12:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31 12:00:01', '2026-01-31T12:00:01.000Z'],
    ['2026-01-31T12:00:01.5Z', '2026-01-31T12:00:01.500Z'],
    ['2026-01-31T12:00:01.123456Z', '2026-01-31T12:00:01.123Z'],
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31t12:00:00z', '2026-01-31T12:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('may be the time %s', (text, time) => expect(parseInstant(text)).toEqual({ kind: 'time', time }));

  it.each([
    ['7', '7'],
    ['007', '7'],
    ['00000000000000000007/00000000000000000007', '7'],
    ['18446744073709551615/12', '18446744073709551615/12'],
    ['revision:0', 'revision:0'],
    ['now', 'now'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ])('may be %s, and is written as %s', (text, written) => {
    const instant = parseInstant(text);
    expect(textOfInstant(instant)).toBe(written);
    expect(parseInstant(written)).toEqual(instant);
  });

  it.each([
    '',
    'yesterday',
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    '2026-1-1',
    '2026-01-31T25:00',
    '-1',
    '1.5',
    'revision:',
    'revision:-1',
    '1/2/3',
    '123456789012345678901',
  ])('is not %j', (text) => expect(() => parseInstant(text)).toThrow(InvalidInstant));

  it('has everything in it that was recorded at that very millisecond', () => {
    const event = { recordedAt: '2026-01-31T12:00:00.000Z', position: positionOf(7), revision: 2 };
    expect(covers(parseInstant('2026-01-31T12:00'), event)).toBe(true);
    expect(covers(parseInstant('2026-01-31T11:59:59.999'), event)).toBe(false);
    expect([covers(parseInstant('7'), event), covers(parseInstant('6'), event)]).toEqual([true, false]);
    expect([covers(parseInstant('revision:2'), event), covers(parseInstant('revision:1'), event)]).toEqual([
      true,
      false,
    ]);
    expect(covers(parseInstant('now'), event)).toBe(true);
  });
});

const STREAM = 'order-018f2b6e-7a61-7c3d-8e4f-0123456789ab';

/** A clock that stands still for a while, and then goes on for a while. */
class JumpingClock {
  private time = Date.parse('2026-03-01T00:00:00.000Z');
  constructor(private readonly random: Random) {}
  now(): Date {
    if (this.random.chance(0.4)) this.time += this.random.between(1, 5_000);
    return new Date(this.time);
  }
}

/** As EventStoreDB may be: it does not begin to read where no event begins. */
const exact = (store: EventStore): EventStore =>
  Object.assign(Object.create(store) as EventStore, {
    readAll: async (options: ReadAllOptions) => {
      if (options.from && !(await store.readAt(options.from))) throw new StoreUnavailable('No record begins there.');
      return store.readAll(options);
    },
  });

/** By looking at every event: the last before the first that was recorded after the time. */
function placeByReading(log: readonly RecordedEvent[], time: string): string | null {
  const after = log.findIndex(({ recordedAt }) => recordedAt > time);
  const last = after < 0 ? log.at(-1) : log[after - 1];
  return last ? stampOf(last.position) : null;
}

function timesAround(log: readonly RecordedEvent[]): string[] {
  const recorded = log.flatMap(({ recordedAt }) => [-1, 0, 1].map((ms) => Date.parse(recordedAt) + ms));
  return [...recorded, Date.parse('2000-01-01'), Date.parse('2100-01-01')].map((ms) => new Date(ms).toISOString());
}

describe('the place in the log', () => {
  const folder = tempFolderOfThisFile();
  let store: SqliteEventStore;
  let log: RecordedEvent[];
  beforeAll(async () => {
    const random = new Random(7);
    store = await SqliteEventStore.open({ file: join(folder, 'events.db'), clock: new JumpingClock(random) });
    const id = (n: number) => deriveId(STREAM, String(n));
    for (let n = 0; n < 60; n++)
      await store.append(STREAM, n === 0 ? 'no_stream' : n - 1, [
        { id: id(n), type: 'Done', data: {}, metadata: { v: 1 } },
      ]);
    // Snapshots that were replaced leave a hole in the middle of the log.
    await store.setStreamMetadata('orderSnapshot-1', { maxCount: 1 });
    for (let n = 0; n < 30; n++)
      await store.append('orderSnapshot-1', n === 0 ? 'no_stream' : n - 1, [
        { id: id(1_000 + n), type: 'SnapshotTaken', data: {}, metadata: { v: 1 } },
      ]);
    for (let n = 60; n < 120; n++)
      await store.append(STREAM, n - 1, [{ id: id(n), type: 'Done', data: {}, metadata: { v: 1 } }]);
    log = await store.readAll({ limit: 1_000 });
  });
  afterAll(() => store.close());

  it('of a time is that of the last event before the first one that was recorded after it', async () => {
    for (const time of timesAround(log)) {
      const place = await placeOf(store, { kind: 'time', time });
      expect([time, place && stampOf(place)]).toEqual([time, placeByReading(log, time)]);
    }
  });

  it('of a time is found without reading much of the log', async () => {
    let read = 0;
    const counting = Object.assign(Object.create(store) as EventStore, {
      readAll: async (options: ReadAllOptions) => (read++, store.readAll(options)),
    });
    await placeOf(counting, { kind: 'time', time: log[70]!.recordedAt });
    expect(read).toBeLessThan(10);
  });

  it('of a revision is that of its event, in the stream that is asked for', async () => {
    expect(await placeOf(store, parseInstant('revision:5'), { stream: STREAM })).toEqual(log[5]!.position);
    await expect(placeOf(store, parseInstant('revision:5'))).rejects.toThrow(/a place in one stream/);
    await expect(placeOf(store, parseInstant('revision:120'), { stream: STREAM })).rejects.toThrow(
      /has no revision 120/,
    );
  });

  it('of a position is that position, unless the log has not come so far', async () => {
    expect(await placeOf(store, parseInstant('75'))).toEqual(positionOf(75));
    expect(await placeOf(store, parseInstant('0'))).toEqual(positionOf(0));
    await expect(placeOf(store, parseInstant('1000'))).rejects.toThrow(/lies after the log, which ends at 150\./);
  });

  it('is none in an empty store', async () => {
    const empty = await SqliteEventStore.open({ file: join(folder, 'empty.db') });
    expect(await placeOf(empty, { kind: 'now' })).toBeNull();
    expect(await placeOf(empty, parseInstant('2026-01-01'))).toBeNull();
    await expect(placeOf(empty, parseInstant('1'))).rejects.toThrow(/the log, which is empty/);
    await empty.close();
  });
});

describe('the place of a time in a log whose times go back', () => {
  const folder = tempFolderOfThisFile();
  const MINUTE = 60_000;
  let next = 0;
  let store: SqliteEventStore;
  afterEach(() => store?.close());

  /** A log that was recorded at these times. */
  async function recordedAt(times: readonly number[]): Promise<RecordedEvent[]> {
    const file = join(folder, `${next++}.db`);
    const writer = BulkWriter.create(file);
    times.forEach((time, n) =>
      writer.add({
        id: deriveId(STREAM, `back/${n}`),
        stream: STREAM,
        revision: n,
        position: positionOf(3 * (n + 1)),
        recordedAt: new Date(time).toISOString(),
        type: 'Done',
        data: {},
        metadata: { v: 1 },
      }),
    );
    writer.finish();
    store = await SqliteEventStore.open({ file });
    return store.readAll({ limit: 100_000 });
  }

  it('is before the first event, in the order of the log, that was recorded after it', async () => {
    const random = new Random(31);
    for (const length of [1, 2, 40, 3_500]) {
      let time = Date.parse('2026-03-01T00:00:00.000Z');
      const times = Array.from({ length }, () => {
        time += random.chance(0.1) ? -random.between(1, 20_000) : random.between(0, 900);
        return time;
      });
      const log = await recordedAt(times);
      const around = timesAround(log);
      const asking = store.recordsInOrder ? store : exact(store);
      const asked = Array.from({ length: 300 }, () => random.one(around));
      for (const time of asked) {
        const place = await placeOf(asking, { kind: 'time', time });
        expect([length, time, place && stampOf(place)]).toEqual([length, time, placeByReading(log, time)]);
      }
      expect(store.recordsInOrder).toBe(times.every((each, n) => n === 0 || each >= times[n - 1]!));
    }
  });

  it('is looked for in what was not read before alone', async () => {
    const random = new Random(5);
    let time = Date.parse('2026-03-01T00:00:00.000Z');
    const log = await recordedAt(Array.from({ length: 5_000 }, () => (time += random.between(-20, 500))));
    let read = 0;
    const counting = Object.assign(Object.create(store) as EventStore, {
      readAll: async (options: ReadAllOptions) => (read++, store.readAll(options)),
    });
    const times = Array.from({ length: 50 }, () => random.one(log).recordedAt);
    await placeOf(counting, { kind: 'time', time: log.at(-1)!.recordedAt });
    expect(read).toBeLessThan(10);
    for (const time of times) await placeOf(counting, { kind: 'time', time });
    expect(read).toBeLessThan(10 + 2 * times.length);
  });

  it('is not looked for longer than a request may take: the next one goes on', async () => {
    const hour = Date.now() - 60 * MINUTE;
    await recordedAt(Array.from({ length: 3_000 }, (_, n) => hour - (n % 2)));
    const time = new Date(hour + 1).toISOString();
    const asking = exact(store);

    await expect(settle(asking, { kind: 'time', time }, -1)).rejects.toThrow('being read for the first time');
    expect(await settle(asking, { kind: 'time', time }, 60_000)).toEqual({
      kind: 'position',
      position: await store.head(),
    });
  });

  it.each([
    ['once, an hour ago, and is right', [-70, -60, +120, -55, -1, -1]],
    ['still', [-70, -60, +120, +121, +122, +123]],
  ])('is the present for who asks for the time that it is, where a clock was ahead %s', async (_, minutes) => {
    const now = Date.now();
    const log = await recordedAt(minutes.map((each) => now + each * MINUTE));
    const at = async (ms: number) => {
      const place = await placeOf(store, { kind: 'time', time: new Date(now + ms).toISOString() });
      return log.findIndex(({ position }) => place && comparePositions(position, place) === 0);
    };

    expect(await at(0)).toBe(5);
    expect(await at(-5_000)).toBe(5);
    expect(await at(+10 * MINUTE)).toBe(5);
    // What was recorded while nobody knows what time it was is found by its position.
    expect(await at(-10 * MINUTE)).toBe(1);
    expect(await at(-65 * MINUTE)).toBe(0);
  });

  it('that has just passed is no other than it was, where no clock was ahead', async () => {
    const now = Date.now();
    const log = await recordedAt([-10_000, -5_000, -4_000].map((ms) => now + ms));
    const place = await placeOf(store, { kind: 'time', time: new Date(now - 4_500).toISOString() });

    expect(place).toEqual(log[1]!.position);
  });
});
