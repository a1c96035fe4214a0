import fc from 'fast-check';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { snapshotStreamOf, streamOf, type Aggregate } from '#src/kernel/aggregate';
import { Aggregates } from '#src/kernel/aggregates';
import { MAX_APPEND_BYTES } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import type { NewEvent, RecordedEvent } from '#src/kernel/events';
import { newId } from '#src/kernel/ids';
import type { Json, JsonObject } from '#src/kernel/json';
import { positionOf } from '#src/kernel/position';
import { jsonPieces } from '#src/kernel/write-path/json-pieces';
import { partsOfText } from '#src/kernel/write-path/snapshot-parts';
import { Slices } from '#src/kernel/write-path/slices';
import { FaultyStore } from '../support/faulty-store';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { until } from '../support/meters';
import { add, box, boxesOn, command, TestWritePath, type Box, type BoxEvent } from '../support/toy-box';

const folder = tempFolderOfThisFile();

const id = newId();
const newFile = () => join(folder, `${newId()}.db`);

let real: SqliteEventStore;
const open = async (file: string) => (real = await SqliteEventStore.open({ file }));
afterEach(() => real.close());

/** A box that remembers each coin under a long name: its snapshot needs several parts. */
interface Hoard extends Box {
  readonly names: readonly string[];
}
const NAME = 'ä"\\'.repeat(200);
const hoard = (stateVersion = 1): Aggregate<Hoard, BoxEvent> => ({
  ...box,
  stateVersion,
  initial: { coins: 0, names: [] },
  evolve: ({ coins, names }, { data }) => ({ coins: coins + data.coins, names: [...names, `${names.length}${NAME}`] }),
});

const processOf = (stateVersion?: number) => {
  const store = new FaultyStore(real);
  const path = new TestWritePath(store);
  return { store, path, hoards: new Aggregates(path, hoard(stateVersion)) };
};

const snapshots = () => real.readStream(snapshotStreamOf('box', id));
/** Resolves when a snapshot of this revision or a later one is whole, and nothing of an earlier one is left. */
const taken = (revision: number) =>
  until(async () => {
    const [first, ...rest] = await snapshots();
    const isWhole = first?.data['part'] === 0 && first.data['parts'] === rest.length + 1;
    return isWhole && (first.data['revision'] as number) >= revision;
  });

async function changes(count: number, { hoards } = processOf()): Promise<void> {
  for (let n = 0; n < count; n += 50)
    await Promise.all(Array.from({ length: 50 }, () => hoards.change(command(), id, { decide: add(1) })));
}

/** Events that a process reads which has just been started and loads the stream. */
async function eventsToLoad(stateVersion?: number): Promise<{ events: number; warnings: string[] }> {
  const { store, path, hoards } = processOf(stateVersion);
  const { state } = await hoards.get(id);
  expect([state.coins, state.names.length]).toEqual([1_250, 1_250]);
  expect(state.names[1_249]).toBe(`1249${NAME}`);
  return { events: store.eventsRead, warnings: path.warnings };
}

/** Puts other snapshots in place of those that are there. */
async function replaceSnapshots(change: (parts: NewEvent[]) => NewEvent[]): Promise<void> {
  const parts = (await snapshots()).map(({ type, data, metadata }) => ({ id: newId(), type, data, metadata }));
  const stream = snapshotStreamOf('box', id);
  const last = (await snapshots()).at(-1)!.revision;
  const wanted = change(parts);
  await real.setStreamMetadata(stream, { maxCount: parts.length + wanted.length });
  let at = last;
  for (const event of wanted) at = (await real.append(stream, at, [event])).revision;
  await real.setStreamMetadata(stream, { maxCount: Math.max(wanted.length, 1) });
}

describe('a snapshot that is larger than an append may be', () => {
  const file = newFile();
  beforeAll(async () => {
    await open(file);
    await changes(1_050);
    await taken(999);
    await changes(200);
    await real.close();
  });
  beforeEach(async () => {
    const copy = newFile();
    copyFileSync(file, copy);
    await open(copy);
  });

  it('is kept in parts that each fit an append, and no more of them than it has', async () => {
    const parts = await snapshots();
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.map(({ data }) => [data['part'], data['parts']])).toEqual(parts.map((_, n) => [n, parts.length]));
    for (const { data } of parts) expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(MAX_APPEND_BYTES);
    const { events, warnings } = await eventsToLoad();
    expect(events).toBeLessThan(500 + parts.length + 300);
    expect(warnings).toEqual([]);
  });

  it('is replaced as a whole, and rarer the larger it is', async () => {
    const before = await snapshots();
    const process = processOf();
    await changes(900, process);
    expect(await snapshots()).toEqual(before);
    await changes(1_200, process);
    await taken(2_000);
    const after = await snapshots();
    expect(after[0]!.revision).toBe(before.at(-1)!.revision + 1);
    expect(after.map(({ data }) => data['part'])).toEqual(after.map((_, n) => n));
    expect((await processOf().hoards.get(id)).state.coins).toBe(3_350);
  });

  it.each<[string, (parts: NewEvent[]) => NewEvent[]]>([
    ['without its last part', (parts) => parts.slice(0, -1)],
    ['without its first part', (parts) => parts.slice(1)],
    ['without one in the middle', (parts) => parts.filter((_, n) => n !== 1)],
    ['with a part of another one', (parts) => parts.map((p, n) => (n === 1 ? with_(p, { revision: 3 }) : p))],
    ['that is damaged', (parts) => parts.map((p, n) => (n === 1 ? with_(p, { text: '"' }) : p))],
    ['that is none', (parts) => [with_(parts[0]!, { parts: 'many' })]],
    ['of another version', (parts) => parts.map((p) => with_(p, { stateVersion: 7 }))],
  ])('is not needed: one %s only means folding from the events', async (_, change) => {
    await replaceSnapshots(change);
    expect((await eventsToLoad()).events).toBeGreaterThanOrEqual(1_250);
  });

  it('is still there when the next one is left torn', async () => {
    const first = await snapshots();
    const stream = snapshotStreamOf('box', id);
    await real.setStreamMetadata(stream, { maxCount: 2 * first.length });
    const torn = { ...first[0]!, id: newId(), data: { ...first[0]!.data, revision: 1_200 } };
    await real.append(stream, first.at(-1)!.revision, [torn]);
    expect((await eventsToLoad()).events).toBeLessThan(500 + first.length + 301);
  });

  it('is not used by a release whose states are of another version, which takes its own', async () => {
    expect((await eventsToLoad(2)).events).toBeGreaterThanOrEqual(1_250);
    await changes(50, processOf(2));
    await taken(1_250);
    expect(new Set((await snapshots()).map(({ data }) => data['stateVersion']))).toEqual(new Set([2]));
  });

  it('remembers the commands too', async () => {
    const { metadata } = (await real.readStream(streamOf('box', id)))[7]!;
    const { hoards } = processOf();
    const again = command({ commandId: metadata['commandId'] as string });
    expect(await hoards.change(again, id, { decide: add(1) })).toMatchObject({
      revision: 7,
      state: { coins: 8 },
      outcome: 'replayed',
    });
  });
});

const with_ = (event: NewEvent, data: JsonObject): NewEvent => ({ ...event, data: { ...event.data, ...data } });

it('of the first release is used', async () => {
  await open(newFile());
  const boxes = boxesOn(real);
  for (let n = 0; n < 6; n++)
    await Promise.all(Array.from({ length: 100 }, () => boxes.change(command(), id, { decide: add(1) })));
  const known = newId();
  const data = {
    stateVersion: 1,
    revision: 590,
    position: positionOf(591),
    state: { coins: 1_000 },
    window: { clients: [[known, 4, 'hash', Date.now()]], processes: [] },
  };
  const event = { id: newId(), type: 'SnapshotTaken', data: data as unknown as JsonObject, metadata: { v: 1 } };
  await real.append(snapshotStreamOf('box', id), 'no_stream', [event]);

  // It says what the events do not: so it was used.
  expect(await boxesOn(real).get(id)).toMatchObject({ revision: 599, state: { coins: 1_009 } });
  const repeat = command({ commandId: known, actor: { kind: 'process', id: 'p' } });
  expect(await boxesOn(real).change(repeat, id, { decide: add(1) })).toMatchObject({
    revision: 4,
    outcome: 'replayed',
  });
});

it('the pieces of a value are its JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      expect([...jsonPieces(value as Json)].join('')).toBe(JSON.stringify(value));
    }),
  );
  const holes = { gone: undefined, list: [1, undefined, { gone: undefined }], empty: [{}, []] };
  expect([...jsonPieces(holes as unknown as Json)].join('')).toBe(JSON.stringify(holes));
});

it('the parts of a text are the text, whatever is in it, and each fits an append', async () => {
  const texts = ['\u0000'.repeat(200_000), '\ud83d\ude00'.repeat(300_000), 'x'.repeat(5), ''];
  const parts = await partsOfText(texts, new Slices());
  expect(parts.join('')).toBe(texts.join(''));
  const stored = (text: string) => JSON.stringify({ text } satisfies Pick<RecordedEvent['data'], 'text'>);
  for (const part of parts) expect(Buffer.byteLength(stored(part))).toBeLessThan(MAX_APPEND_BYTES * 0.9);
});
