import { join } from 'node:path';
import type { RecordedEvent } from '#src/kernel/events';
import { StoreUnavailable, type EventStore, type ReadAllOptions } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { deriveId } from '#src/kernel/ids';
import { covers, InvalidInstant, parseInstant, textOfInstant } from '#src/kernel/instant';
import { positionOf, stampOf } from '#src/kernel/position';
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

  /** By looking at every event: the last before the first that was recorded after the time. */
  const placeByReading = (time: string): string | null => {
    const after = log.findIndex(({ recordedAt }) => recordedAt > time);
    const last = after < 0 ? log.at(-1) : log[after - 1];
    return last ? stampOf(last.position) : null;
  };
  const times = () => {
    const recorded = log.flatMap(({ recordedAt }) => [-1, 0, 1].map((ms) => Date.parse(recordedAt) + ms));
    return [...recorded, Date.parse('2000-01-01'), Date.parse('2100-01-01')].map((ms) => new Date(ms).toISOString());
  };

  it('of a time is that of the last event before the first one that was recorded after it', async () => {
    for (const time of times()) {
      const place = await placeOf(store, { kind: 'time', time });
      expect([time, place && stampOf(place)]).toEqual([time, placeByReading(time)]);
    }
  });

  it('is the same from a store that begins to read only where events are', async () => {
    for (const time of times()) {
      const place = await placeOf(exact(store), { kind: 'time', time });
      expect([time, place && stampOf(place)]).toEqual([time, placeByReading(time)]);
    }
  });

  it('of a time is left to the streams by such a store, where every request asks', async () => {
    const instant = parseInstant(log[40]!.recordedAt);
    expect(await settle(exact(store), instant)).toEqual(instant);
    expect(await settle(store, instant)).toMatchObject({ kind: 'position' });
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
    expect(await placeOf(store, parseInstant('revision:5'), STREAM)).toEqual(log[5]!.position);
    await expect(placeOf(store, parseInstant('revision:5'))).rejects.toThrow(/a place in one stream/);
    await expect(placeOf(store, parseInstant('revision:120'), STREAM)).rejects.toThrow(/has no revision 120/);
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
