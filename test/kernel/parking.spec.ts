import fc from 'fast-check';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { newId } from '#src/kernel/ids';
import { stampOf } from '#src/kernel/position';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import type { ParkedKey } from '#src/kernel/read-models/parking';
import type { Projection } from '#src/kernel/read-models/projection';
import type { ReadModels } from '#src/kernel/read-models/read-models';
import { ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { SkipProjectionEvent } from '#src/kernel/read-models/skips';
import { problemTypes } from '#src/kernel/rejection';
import { CrashingReadModels } from '../support/crashing-read-models';
import { project } from '../support/given-projection';
import {
  carried,
  counted,
  inspected,
  type Meter,
  type MeterEvent,
  metersProjection,
  type MetersOptions,
  MeterStream,
  openEvents,
  until,
} from '../support/meters';
import { canonicalHash } from '../support/read-model-hash';
import { type ReadPath, startReadPath } from '../support/read-path';
import { gate } from '../support/recording-reader';

let events: EventStore;
let stream: MeterStream;
let store: CrashingReadModels;
const paths: ReadPath[] = [];
const LONG = 10_000;

/** Cannot fold a count of 13, until it is mended. */
const POISON = 13;
const throwAtPoison: MetersOptions['before'] = ({ data }, key) => {
  if ('n' in data && data.n === POISON) throw new Error(`${key} can't count to ${POISON}.`);
};
const broken = metersProjection({ before: throwAtPoison });
const mended = metersProjection();

beforeEach(async () => {
  events = await openEvents();
  stream = new MeterStream(events);
  store = new CrashingReadModels();
});

afterEach(async () => {
  await stopAll();
  await events.close();
});

const stopAll = () => Promise.all(paths.splice(0).map((path) => path.stop()));

async function start(projection: Projection<Meter> = broken, on: ReadModelStore = store): Promise<ReadModels> {
  const path = await startReadPath({ events, store: on, projections: [projection] });
  paths.push(path);
  return path.readModels;
}

/** The next release: the same documents, another fold. */
async function release(projection: Projection<Meter>): Promise<ReadModels> {
  await stopAll();
  return start(projection);
}

/** Waits until everything that was appended is in the read model, as far as it is not parked. */
async function projected(readModels: ReadModels): Promise<void> {
  await readModels.query(broken).waitFor((await events.head())!, LONG);
}

/** The same, and an operator has looked at what is parked: a build that has parked keys from its beginning is not served before. */
async function served(readModels: ReadModels): Promise<void> {
  await projected(readModels);
  for (const { projection, key } of await readModels.parked()) await readModels.acknowledge(projection, key);
  await until(() => readModels.ready());
}

const hashOf = async (projection: Projection<Meter>, on: ReadModelStore = store): Promise<string> =>
  canonicalHash(await on.open({ ...projection, indexes: [] }));

/** The hash of the documents that this projection makes of the whole log, from nothing. */
async function rebuiltHash(projection: Projection<Meter>): Promise<string> {
  const empty = new MemoryReadModelStore({ file: null });
  await projected(await start(projection, empty));
  return hashOf(projection, empty);
}

function skipCommand(parked: ParkedKey, commandId = newId()): SkipProjectionEvent {
  const { projection, key, event } = parked;
  const actor = { kind: 'account' as const, id: 'operator' };
  const context = {
    commandId,
    payloadHash: 'hash',
    correlationId: commandId,
    causationId: commandId,
    actor,
    occurredAt: new Date().toISOString(),
    issuer: 'client' as const,
  };
  return new SkipProjectionEvent(context, { projection, key, eventId: event.id, reason: 'Counted by mistake.' });
}

describe('a key whose fold throws', () => {
  it('is parked with what an operator needs to know, and the other keys flow on', async () => {
    const readModels = await start();
    const { ids } = await stream.append(counted('a', 1), counted('a', POISON), counted('b', 2), counted('a', 3));
    await stream.append(counted('b', 4), carried('b', 'a', 5));
    await projected(readModels);
    const poison = (await events.readAll({ limit: 10 }))[1]!;
    expect(await readModels.parked()).toEqual([
      {
        projection: 'meters',
        version: 1,
        key: 'a',
        event: {
          id: ids[1],
          type: 'Counted',
          stream: poison.stream,
          revision: 1,
          position: stampOf(poison.position),
        },
        error: `Error: a can't count to ${POISON}.`,
        missing: 3,
        acknowledged: false,
      },
    ]);
    await served(readModels);
    expect(await readModels.query(broken).get('b')).toMatchObject({ counts: [2, 4, -5] });
  });

  it('is not answered: reading it is a problem that says how many events are missing', async () => {
    const readModels = await start();
    await stream.append(counted('a', POISON), counted('a', 1), counted('b', 2));
    await served(readModels);
    const query = readModels.query(broken);
    await expect(query.get('a')).rejects.toMatchObject({
      code: 'projection-parked',
      details: { projection: 'meters@1', key: 'a', missing: 2 },
    });
    await expect(query.watch('a', () => true, 0)).rejects.toMatchObject({ code: 'projection-parked' });
    expect(problemTypes.get('projection-parked')?.status).toBe(503);
    expect(await query.parkedKeys()).toBe(1);
  });

  it('is parked before the checkpoint passes the event', async () => {
    const order: string[] = [];
    const readModels = await start();
    store.onWrite = (changes) => void order.push(...changes.map(({ id }) => id));
    store.onCheckpoint = () => void order.push('checkpoint');
    await stream.append(counted('a', 1), counted('a', POISON));
    await projected(readModels);
    expect(order.slice(0, 3)).toEqual(['a', 'meters@1/a', 'checkpoint']);
  });

  it('is tried again first: a failure that passes parks nothing', async () => {
    let failures = 2;
    const flaky = metersProjection({
      before: () => {
        if (failures-- > 0) throw new Error('Not now.');
      },
    });
    const readModels = await start(flaky);
    await stream.append(counted('a', 1), counted('b', 2));
    await projected(readModels);
    expect(await readModels.parked()).toEqual([]);
    await served(readModels);
    expect(await readModels.query(flaky).get('a')).toMatchObject({ counts: [1] });
    expect(await readModels.query(flaky).get('b')).toMatchObject({ counts: [2] });
  });

  it('stays parked over a restart, and what is missing is counted once however often it comes', async () => {
    const fact = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(9)).map(([m, n]) => counted(m, n)) },
      { weight: 1, arbitrary: fc.constant<MeterEvent>(counted('a', POISON)) },
      { weight: 1, arbitrary: fc.constant<MeterEvent>(carried('b', 'c', POISON)) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fact, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(), { minLength: 1 }),
        async (runs, choices) => {
          events = await openEvents();
          stream = new MeterStream(events);
          store = new CrashingReadModels();
          let i = 0;
          let readModels = await start();
          for (const facts of runs) {
            await stream.append(...facts);
            await projected(readModels);
            await stopAll();
            store = store.crash((most) => choices[i++ % choices.length]! % (most + 1));
            readModels = await start();
          }
          await projected(readModels);
          const facts = runs.flat();
          const parked = await readModels.parked();
          await served(readModels);
          for (const meter of ['a', 'b', 'c']) {
            const own = facts.filter(({ data }) => Object.values(data).includes(meter));
            const poison = own.findIndex(({ data }) => 'n' in data && data.n === POISON);
            const record = parked.find(({ key }) => key === meter);
            expect(record?.missing).toBe(poison < 0 ? undefined : own.length - poison);
            if (poison < 0) {
              const expected = project(mended)
                .given(...facts)
                .documents.get(meter);
              expect((await readModels.query(broken).get(meter))?.counts).toEqual(expected?.counts);
            }
          }
          readModels = await release(mended);
          await projected(readModels);
          for (const { projection, key } of parked) expect(await readModels.retry(projection, key)).toBeNull();
          expect(await hashOf(mended)).toBe(await rebuiltHash(mended));
          await stopAll();
          await events.close();
        },
      ),
      { numRuns: 12 },
    );
    events = await openEvents();
  });
});

describe('retrying a parked key', () => {
  it('after the fold was mended: the document is as if it had never failed, and goes on', async () => {
    await stream.append(counted('a', 1), counted('a', POISON), counted('a', 3));
    await projected(await start());
    const readModels = await release(mended);
    await stream.append(counted('a', 4));
    await projected(readModels);
    expect(await readModels.parked()).toMatchObject([{ key: 'a', missing: 3 }]);
    expect(await readModels.retry('meters', 'a')).toBeNull();
    expect(await readModels.parked()).toEqual([]);
    const { position } = await stream.append(counted('a', 5));
    const query = readModels.query(mended);
    await query.waitFor(position, LONG);
    expect(await query.get('a')).toMatchObject({ counts: [1, POISON, 3, 4, 5] });
  });

  it('misses nothing that comes while the document is made anew', async () => {
    await stream.append(counted('a', 1), counted('a', POISON));
    await projected(await start());
    const readModels = await release(mended);
    const rebuilding = gate();
    store.onWrite = async (changes) => {
      if (changes[0]?.id !== 'a') return;
      store.onWrite = () => undefined;
      rebuilding.open();
      // The projector counts another event as missing before the key is un-parked.
      const { position } = await stream.append(counted('a', 2));
      await readModels.query(mended).waitFor(position, LONG);
    };
    expect(await readModels.retry('meters', 'a')).toBeNull();
    await rebuilding.passed;
    expect(await readModels.query(mended).get('a')).toMatchObject({ counts: [1, POISON, 2] });
    expect(await readModels.parked()).toEqual([]);
  });

  it('is noticed by a projector in another process', async () => {
    await stream.append(counted('a', POISON));
    await projected(await start());
    const projecting = await release(mended);
    const path = await startReadPath({ events, store, projections: [mended], projects: false });
    paths.push(path);
    expect(await path.readModels.retry('meters', 'a')).toBeNull();
    await stream.append(counted('a', 2));
    await projected(projecting);
    expect(await projecting.query(mended).get('a')).toMatchObject({ counts: [POISON, 2] });
  });

  it('never leaves, after a crash, an old document that is not parked', async () => {
    await stream.append(counted('a', 1), counted('a', POISON), counted('a', 3));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }), async (choices) => {
        store = new CrashingReadModels();
        await projected(await start());
        await store.flush();
        await (await release(mended)).retry('meters', 'a');
        await stopAll();
        let i = 0;
        store = store.crash((most) => Math.min(most, choices[i++ % choices.length]!));
        const readModels = await start(mended);
        await projected(readModels);
        const [parked] = await readModels.parked();
        if (parked) await readModels.retry('meters', 'a');
        expect(await readModels.query(mended).get('a')).toMatchObject({ counts: [1, POISON, 3] });
        await stopAll();
      }),
      { numRuns: 30 },
    );
  });

  it('that fails at a later event names that one, and keeps the key parked', async () => {
    const worse = metersProjection({
      before: ({ data }) => {
        if ('n' in data && data.n === 7) throw new Error('No sevens.');
      },
    });
    const { ids } = await stream.append(counted('a', POISON), counted('a', 7), counted('a', 1));
    await projected(await start());
    const readModels = await release(worse);
    expect(await readModels.retry('meters', 'a')).toMatchObject({ event: { id: ids[1] }, error: 'Error: No sevens.' });
    expect(await readModels.parked()).toMatchObject([{ key: 'a', missing: 2, event: { id: ids[1] } }]);
    await stream.append(counted('a', 2));
    await projected(readModels);
    expect(await readModels.parked()).toMatchObject([{ key: 'a', missing: 3 }]);
  });

  it('is not undone by somebody who acknowledges the key at the same time', async () => {
    await stream.append(counted('a', POISON));
    await projected(await start());
    const readModels = await release(mended);
    await projected(readModels);
    store.onWrite = async () => {
      store.onWrite = () => undefined;
      await readModels.retry('meters', 'a');
    };
    await expect(readModels.acknowledge('meters', 'a')).rejects.toMatchObject({ code: 'key-not-parked' });
    expect(await readModels.parked()).toEqual([]);
    expect(await readModels.query(mended).get('a')).toMatchObject({ counts: [POISON] });
  });

  it('of a key that is not parked, or of a projection that there is not, is refused', async () => {
    const readModels = await start();
    await expect(readModels.retry('meters', 'a')).rejects.toMatchObject({ code: 'key-not-parked' });
    await expect(readModels.retry('nothing', 'a')).rejects.toMatchObject({ code: 'projection-unknown' });
    await expect(readModels.acknowledge('meters', 'a')).rejects.toMatchObject({ code: 'key-not-parked' });
  });
});

describe('skipping the event at which a key is parked', () => {
  async function parkedOne(readModels: ReadModels): Promise<ParkedKey> {
    const [parked] = await readModels.parked();
    return parked!;
  }

  it('is an event, after which the document goes on without the other one, here and in every rebuild', async () => {
    await stream.append(counted('a', 1), counted('a', POISON), counted('a', 3), counted('b', 1));
    const readModels = await start();
    await projected(readModels);
    const { position } = await readModels.skip(skipCommand(await parkedOne(readModels)));
    const query = readModels.query(broken);
    await query.waitFor(position!, LONG);
    expect(await readModels.parked()).toEqual([]);
    expect(await query.get('a')).toMatchObject({ total: 4, counts: [1, 3] });
    await stream.append(counted('a', 5));
    await projected(readModels);
    expect(await query.get('a')).toMatchObject({ counts: [1, 3, 5] });

    const recorded = (await events.readAll({ limit: 10 })).find(({ type }) => type === 'ProjectionEventSkipped')!;
    expect(recorded.stream).toMatch(/^projectionSkips-[0-9a-f-]{36}$/);
    expect(recorded).toMatchObject({
      data: { projection: 'meters', key: 'a', reason: 'Counted by mistake.' },
      metadata: { actor: { kind: 'account', id: 'operator' } },
    });
    expect(await rebuiltHash(broken)).toBe(await hashOf(broken));
    expect(await rebuiltHash(mended)).toBe(await hashOf(broken));
  });

  it('is known to a rebuild from its beginning: nothing is parked on the way, nor made anew', async () => {
    await stream.append(counted('a', 1), counted('a', POISON), counted('a', 3));
    const readModels = await start();
    await projected(readModels);
    await readModels.skip(skipCommand(await parkedOne(readModels)));
    await projected(readModels);

    const fresh = new CrashingReadModels();
    const written: string[] = [];
    fresh.onWrite = (changes) => void written.push(...changes.map(({ id }) => id));
    await projected(await start(broken, fresh));
    expect(written.filter((id) => id.endsWith('a'))).toEqual(['a']);
    expect(await hashOf(broken, fresh)).toBe(await hashOf(broken));
  });

  it('is honoured by another version, also where that one had folded the event', async () => {
    await stream.append(counted('a', 1), counted('a', POISON), counted('a', 3));
    const other = metersProjection({ version: 2 });
    const readModels = await start();
    const others = new CrashingReadModels();
    const folding = await start(other, others);
    await projected(readModels);
    await projected(folding);
    expect(await folding.query(other).get('a')).toMatchObject({ counts: [1, POISON, 3] });
    const { position } = await readModels.skip(skipCommand(await parkedOne(readModels)));
    await folding.query(other).waitFor(position!, LONG);
    expect(await folding.query(other).get('a')).toMatchObject({ counts: [1, 3] });
    await projected(readModels);
    expect(await hashOf(other, others)).toBe(await hashOf(broken));
  });

  it('is done once: the same command is answered as before, and another one changes nothing', async () => {
    await stream.append(counted('a', POISON));
    const readModels = await start();
    await projected(readModels);
    const parked = await parkedOne(readModels);
    const command = skipCommand(parked);
    const first = await readModels.skip(command);
    await readModels.query(broken).waitFor(first.position!, LONG);
    expect(await readModels.skip(command)).toMatchObject({ outcome: 'replayed', revision: first.revision });
    await expect(readModels.skip(skipCommand(parked))).rejects.toMatchObject({ code: 'key-not-parked' });
    const skips = (await events.readAll({ limit: 10 })).filter(({ type }) => type === 'ProjectionEventSkipped');
    expect(skips).toHaveLength(1);
  });

  it('is refused for another event than that', async () => {
    const { ids } = await stream.append(counted('a', 1), counted('a', POISON));
    const readModels = await start();
    await projected(readModels);
    const parked = await parkedOne(readModels);
    const wrong = { ...parked, event: { ...parked.event, id: ids[0]! } };
    await expect(readModels.skip(skipCommand(wrong))).rejects.toMatchObject({ code: 'key-not-parked' });
  });

  it('leads to the next event that fails, where there is one', async () => {
    const { ids } = await stream.append(counted('a', POISON), counted('a', 1), counted('a', POISON), counted('a', 2));
    const readModels = await start();
    await projected(readModels);
    await readModels.skip(skipCommand(await parkedOne(readModels)));
    await projected(readModels);
    expect(await readModels.parked()).toMatchObject([{ missing: 2, event: { id: ids[2] } }]);
    await readModels.skip(skipCommand(await parkedOne(readModels)));
    await projected(readModels);
    expect(await readModels.query(broken).get('a')).toMatchObject({ counts: [1, 2] });
    expect(await rebuiltHash(broken)).toBe(await hashOf(broken));
  });
});

describe('an event whose keys can not be told', () => {
  const keyless = metersProjection({
    beforeKeys: ({ data }) => {
      if ('n' in data && data.n === POISON) throw new Error('Whose is it?');
    },
  });

  it('is parked by itself, and every document goes on without it', async () => {
    const { ids } = await stream.append(counted('a', 1), counted('a', POISON), counted('a', 3), inspected());
    const readModels = await start(keyless);
    await projected(readModels);
    expect(await readModels.parked()).toMatchObject([
      { key: `event:${ids[1]}`, missing: 1, error: 'Error: Whose is it?', event: { id: ids[1] } },
    ]);
    await served(readModels);
    expect(await readModels.query(keyless).get('a')).toMatchObject({ counts: [1, 3] });
    expect(await readModels.retry('meters', `event:${ids[1]}`)).toMatchObject({ error: 'Error: Whose is it?' });
  });

  it('is put into its documents when a retry can tell them', async () => {
    const { ids } = await stream.append(counted('a', 1), counted('a', POISON), counted('a', 3));
    await projected(await start(keyless));
    const readModels = await release(mended);
    expect(await readModels.retry('meters', `event:${ids[1]}`)).toBeNull();
    expect(await readModels.parked()).toEqual([]);
    await stream.append(counted('a', 4));
    await projected(readModels);
    expect(await readModels.query(mended).get('a')).toMatchObject({ counts: [1, POISON, 3, 4] });
    expect(await rebuiltHash(mended)).toBe(await hashOf(mended));
  });

  it('can be skipped, and no rebuild parks it again', async () => {
    await stream.append(counted('a', 1), counted('a', POISON));
    const readModels = await start(keyless);
    await projected(readModels);
    const [parked] = await readModels.parked();
    await readModels.skip(skipCommand(parked!));
    await projected(readModels);
    expect(await readModels.parked()).toEqual([]);
    const again = await start(keyless, new MemoryReadModelStore({ file: null }));
    await projected(again);
    expect(await again.parked()).toEqual([]);
    await until(() => again.ready());
  });
});
