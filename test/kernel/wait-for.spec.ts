import fc from 'fast-check';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { positionOf, stampOf } from '#src/kernel/position';
import { ProjectionBehind } from '#src/kernel/read-models/problems';
import { problemTypes, Rejected } from '#src/kernel/rejection';
import { CrashingReadModels } from '../support/crashing-read-models';
import {
  counted,
  inspected,
  metersProjection,
  MeterStream,
  openEvents,
  removed,
  STORE_ID,
  until,
} from '../support/meters';
import { type ReadPath, type ReadPathOptions, startReadPath } from '../support/read-path';
import { gate } from '../support/recording-reader';

let events: EventStore;
let stream: MeterStream;
let store: CrashingReadModels;
const meters = metersProjection();
const paths: ReadPath[] = [];

const LONG = 10_000;
/** Nobody polls within a test: only a projector in the same process can wake a waiter. */
const NEVER = 3_600_000;

beforeEach(async () => {
  events = await openEvents();
  stream = new MeterStream(events);
  store = new CrashingReadModels();
  // As in every real log, there is an event before anybody asks.
  await stream.append(inspected());
});

afterEach(async () => {
  await Promise.all(paths.splice(0).map((path) => path.stop()));
  await events.close();
});

async function start(options: Partial<ReadPathOptions> = {}): Promise<ReadPath> {
  const path = await startReadPath({ events, store, projections: [meters], ...options });
  paths.push(path);
  if (options.projects !== false) await until(() => path.readModels.ready());
  return path;
}

/** A process that projects, and one that only reads. */
async function startTwo(pollInterval = 2) {
  const projecting = await start();
  const reading = await start({ projects: false, pollInterval });
  return { projecting, query: reading.readModels.query(meters) };
}

describe('waiting for a position', () => {
  it('ends when the projector of the same process has stored its checkpoint, without a poll', async () => {
    const { readModels } = await start({ pollInterval: NEVER });
    const query = readModels.query(meters);
    for (let n = 1; n <= 5; n++) {
      const { position } = await stream.append(counted('a', 1));
      await query.waitFor(position, LONG);
      expect(await query.get('a')).toMatchObject({ _id: 'a', total: n });
    }
  });

  it('ends when the projector of another process has', async () => {
    const { query } = await startTwo();
    for (let n = 1; n <= 5; n++) {
      const { position } = await stream.append(counted('a', 1));
      await query.waitFor(position, LONG);
      expect(await query.get('a')).toMatchObject({ total: n });
    }
  });

  it('ends also for a position whose event is of no interest to the projection', async () => {
    const { readModels } = await start({ pollInterval: NEVER });
    await stream.append(counted('a', 1));
    const { position } = await stream.append(inspected());
    await readModels.query(meters).waitFor(position, LONG);
  });

  it('is over before it begins when the read model has already been there', async () => {
    const { query } = await startTwo();
    const { position } = await stream.append(counted('a', 1));
    await query.waitFor(position, LONG);
    const reads = store.checkpointReads;
    await query.waitFor(position, 0);
    expect(store.checkpointReads).toBe(reads);
  });

  it('costs one poll, however many wait, and none when nobody does', async () => {
    const halted = gate();
    const { query } = await startTwo();
    store.onWrite = () => halted.passed;
    const { position } = await stream.append(counted('a', 1));
    const before = store.checkpointReads;
    const waiting = Array.from({ length: 50 }, () => query.waitFor(position, LONG));
    await new Promise((resolve) => setImmediate(resolve));
    expect(store.checkpointReads - before).toBe(1);
    halted.open();
    await Promise.all(waiting);
    const after = store.checkpointReads;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(store.checkpointReads - after).toBeLessThanOrEqual(1);
  });

  it('says honestly that the read model is behind: it counts what is stored, not what is in memory', async () => {
    const { position: first } = await stream.append(counted('a', 1));
    const { projecting, query } = await startTwo();
    await query.waitFor(first, LONG);
    const held = gate();
    let isHeld = false;
    store.onCheckpoint = () => {
      isHeld = true;
      return held.passed;
    };
    const { position } = await stream.append(counted('a', 2));
    await until(() => isHeld);
    expect(await query.get('a')).toMatchObject({ total: 3 });
    for (const each of [query, projecting.readModels.query(meters)]) {
      const error: unknown = await each.waitFor(position, 20).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ProjectionBehind);
      expect(error).toMatchObject({
        code: 'projection-behind',
        details: { projection: 'meters@1', wanted: stampOf(position), at: stampOf(first) },
      });
    }
    expect(problemTypes.get('projection-behind')?.status).toBe(503);
    expect(await query.position()).toEqual(first);
    held.open();
    await query.waitFor(position, LONG);
  });

  it('says that there is nothing yet when no checkpoint was ever stored, or only one of another store', async () => {
    const { position } = await stream.append(counted('a', 1));
    const [event] = await events.readAll({ limit: 1 });
    const query = (await start({ projects: false })).readModels.query(meters);
    await expect(query.waitFor(position, 1)).rejects.toMatchObject({ details: { at: null } });
    const ofAnother = { storeId: 'another', position, eventId: event!.id, eventPosition: position };
    await store.writeCheckpoint('meters@1', ofAnother, null);
    await expect(query.waitFor(position, 10)).rejects.toMatchObject({ details: { at: null } });
    await store.writeCheckpoint('meters@1', { ...ofAnother, storeId: STORE_ID }, ofAnother);
    await query.waitFor(position, LONG);
  });

  it('refuses at once a position that the store has not reached', async () => {
    const { position } = await stream.append(counted('a', 1));
    const { query } = await startTwo();
    const ahead = positionOf(Number(position.commit) + 1);
    const error: unknown = await query.waitFor(ahead, LONG).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Rejected);
    expect(error).toMatchObject({ code: 'token-ahead', details: { wanted: stampOf(ahead), head: stampOf(position) } });
    expect(problemTypes.get('token-ahead')?.status).toBe(400);
  });

  it('fails at once when the stored checkpoint can not be read', async () => {
    const { position } = await stream.append(counted('a', 1));
    const query = (await start({ projects: false })).readModels.query(meters);
    store.readCheckpoint = () => Promise.reject(new Error('The read-model store is away.'));
    await expect(query.waitFor(position, LONG)).rejects.toThrow('The read-model store is away.');
  });

  it('never lets anybody read a stale document, however the projector is delayed', async () => {
    let delays: readonly number[] = [0];
    let n = 0;
    const delay = () => {
      const milliseconds = delays[n++ % delays.length]!;
      return milliseconds === 0 ? undefined : new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
    };
    store.onWrite = delay;
    store.onCheckpoint = delay;
    const { query, projecting } = await startTwo();
    let total = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(8), { minLength: 1, maxLength: 5 }), async (given) => {
        delays = given;
        const { position } = await stream.append(counted('a', 1), counted('b', 1));
        total++;
        await Promise.all(
          [query, projecting.readModels.query(meters)].map(async (each) => {
            await each.waitFor(position, LONG);
            expect(await each.get('a')).toMatchObject({ total });
            expect((await each.find({ total: { $gte: total } })).map(({ _id }) => _id)).toEqual(['a', 'b']);
          }),
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('watching a document', () => {
  it('looks again whenever the checkpoint moves, and ends with the document that was wanted', async () => {
    const { query } = await startTwo();
    const watched = query.watch('a', (meter) => (meter?.total ?? 0) >= 3, LONG);
    await stream.append(counted('a', 1));
    await stream.append(inspected());
    const { position } = await stream.append(counted('a', 2));
    expect(await watched).toMatchObject({ document: { _id: 'a', total: 3, counts: [1, 2] }, asOf: position });
  });

  it('is woken by the projector of the same process without a poll', async () => {
    const { readModels } = await start({ pollInterval: NEVER });
    const watched = readModels.query(meters).watch('a', (meter) => meter !== null, LONG);
    await stream.append(counted('a', 1));
    expect((await watched)?.document).toMatchObject({ total: 1 });
  });

  it('ends at once when the document is already so, or is so by being gone', async () => {
    const { query } = await startTwo();
    const { position } = await stream.append(counted('a', 1), removed('a'));
    await query.waitFor(position, LONG);
    expect(await query.watch('a', (meter) => meter === null, LONG)).toBeNull();
  });

  it('answers the document as it was seen last when the time is over', async () => {
    const { query } = await startTwo();
    const { position } = await stream.append(counted('a', 1));
    await query.waitFor(position, LONG);
    expect(await query.watch('a', (meter) => meter?.total === 99, 10)).toMatchObject({ document: { total: 1 } });
    expect(await query.watch('nobody', (meter) => meter !== null, 10)).toBeNull();
  });
});
