import fc from 'fast-check';
import type { EventStore } from '#src/kernel/event-store/event-store';
import type { ReadModelQuery } from '#src/kernel/read-models/read-model-query';
import { Rejected } from '#src/kernel/rejection';
import { CrashingReadModels } from '../support/crashing-read-models';
import { counted, inspected, type Meter, metersProjection, MeterStream, openEvents, until } from '../support/meters';
import { type ReadPath, startReadPath } from '../support/read-path';
import { gate } from '../support/recording-reader';

const meters = metersProjection();
const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const WHOLE = names.map((_id) => ({ _id, total: 2, counts: [1, 1] }));
const LONG = 10_000;

let events: EventStore;
let stream: MeterStream;
const paths: ReadPath[] = [];

beforeEach(async () => {
  events = await openEvents();
  stream = new MeterStream(events);
});

afterEach(async () => {
  await Promise.all(paths.splice(0).map((path) => path.stop()));
  await events.close();
});

async function start(store: CrashingReadModels, projects: boolean): Promise<ReadPath> {
  // Batches of two events, so that there is something half-way.
  const feed = { pageSize: 2, restartAfter: 1 };
  const path = await startReadPath({ events, store, projections: [meters], projects, feed });
  paths.push(path);
  return path;
}

const fill = () => stream.append(...[...names, ...names].map((name) => counted(name, 1)));

/** Every way to ask, each with the only right answer. */
const questions: Readonly<
  Record<string, (query: ReadModelQuery<Meter>) => Promise<[answer: unknown, whole: unknown]>>
> = {
  get: async (query) => [await query.get('f'), WHOLE.at(-1)],
  find: async (query) => [await query.find({}, { sort: { _id: 1 } }), WHOLE],
  count: async (query) => [await query.count({ total: { $gte: 1 } }), WHOLE.length],
  countBy: async (query) => [await query.countBy({}, 'total'), new Map([[2, WHOLE.length]])],
  watch: async (query) => [(await query.watch('f', (meter) => meter !== null, 0))?.document ?? null, WHOLE.at(-1)],
};

const notReady = (error: unknown): null => {
  if (error instanceof Rejected && error.code === 'projection-not-ready') return null;
  throw error;
};

async function ask(query: ReadModelQuery<Meter>, question: string): Promise<boolean> {
  const answered = await questions[question]!(query).catch(notReady);
  if (answered) expect(answered[0]).toEqual(answered[1]);
  return answered !== null;
}

describe('a read model that is being built', () => {
  it.each(Object.keys(questions))('is not answered from before it is complete: %s', async (question) => {
    await fill();
    const store = new CrashingReadModels();
    const half = gate();
    let writes = 0;
    store.onWrite = (changes) => (changes.some(({ id }) => id === 'd') && writes++ === 0 ? half.passed : undefined);
    const { readModels } = await start(store, true);
    await until(() => writes > 0);
    const query = readModels.query(meters);
    await expect(questions[question]!(query)).rejects.toMatchObject({ code: 'projection-not-ready' });
    expect(await readModels.ready()).toBe(false);
    half.open();
    await until(() => readModels.ready());
    expect(await ask(query, question)).toBe(true);
  });

  it('is answered from at once where there is no event yet', async () => {
    for (const projects of [true, false]) {
      const { readModels } = await start(new CrashingReadModels(true), projects);
      expect(await readModels.query(meters).find({})).toEqual([]);
      expect(await readModels.query(meters).get('a')).toBeNull();
      expect(await readModels.ready()).toBe(true);
    }
  });

  it('is answered from where the first release has built it, which named no build', async () => {
    await fill();
    const store = new CrashingReadModels(true);
    const first = await start(store, true);
    await until(() => first.readModels.ready());
    await first.stop();
    const versions = await store.open({ name: 'projection-versions', version: 1, indexes: [] });
    const { stamp, document } = (await versions.read(['meters@1'])).get('meters@1')!;
    const { build: _, ...asBefore } = document!;
    await versions.write([{ id: 'meters@1', was: stamp, stamp: `${stamp}~`, document: asBefore }]);
    const { readModels } = await start(store, false);
    expect(await ask(readModels.query(meters), 'find')).toBe(true);
  });
});

describe('a read model that is lost under a running process', () => {
  it.each(Object.keys(questions))('is not answered from, from the first question on: %s', async (question) => {
    await fill();
    const store = new CrashingReadModels(true);
    const projecting = await start(store, true);
    await until(() => projecting.readModels.ready());
    const reading = await start(store, false);
    const queries = [projecting, reading].map(({ readModels }) => readModels.query(meters));
    for (const query of queries) expect(await ask(query, question)).toBe(true);
    store.lose();
    for (const query of queries)
      await expect(questions[question]!(query)).rejects.toMatchObject({ code: 'projection-not-ready' });
    // Further events make the projector find out; what it builds then is another build.
    for (const query of queries)
      await until(async () => {
        await stream.append(inspected());
        return ask(query, question);
      });
  });

  it('is not taken for up to date by who had seen it so', async () => {
    const position = (await fill()).position;
    const store = new CrashingReadModels(true);
    const projecting = await start(store, true);
    await until(() => projecting.readModels.ready());
    const { readModels } = await start(store, false);
    const query = readModels.query(meters);
    await query.waitFor(position, LONG);
    expect(await ask(query, 'find')).toBe(true);
    store.lose();
    expect(await readModels.ready()).toBe(false);
    await expect(query.waitFor(position, 1)).rejects.toMatchObject({
      code: 'projection-behind',
      details: { at: null },
    });
  });

  it('stays ready in a process that knows it, while the store is only away', async () => {
    await fill();
    const store = new CrashingReadModels(true);
    const { readModels } = await start(store, true);
    await until(() => readModels.ready());
    store.isAway = true;
    expect(await readModels.ready()).toBe(true);
    await expect(readModels.query(meters).find({})).rejects.toThrow('away');
    store.isAway = false;
    store.lose();
    expect(await readModels.ready()).toBe(false);
  });

  it('is answered from a complete build or not at all, whenever it is lost and whoever asks what (property)', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ ask: fc.constantFrom(...Object.keys(questions)), of: fc.nat(1) }) },
      { weight: 1, arbitrary: fc.constant('lose' as const) },
      { weight: 1, arbitrary: fc.constant('event' as const) },
      { weight: 2, arbitrary: fc.constant('turn' as const) },
    );
    let answers = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.array(fc.nat(3), { minLength: 1 }),
        async (steps, turns) => {
          events = await openEvents();
          stream = new MeterStream(events);
          await fill();
          const store = new CrashingReadModels(true);
          let turn = 0;
          const wait = async () => {
            for (let n = turns[turn++ % turns.length]!; n > 0; n--)
              await new Promise((resolve) => setImmediate(resolve));
          };
          store.onWrite = wait;
          store.onRead = wait;
          const projecting = await start(store, true);
          const reading = await start(store, false);
          const asked: Promise<boolean>[] = [];
          for (const each of steps) {
            if (each === 'lose') store.lose();
            else if (each === 'event') await stream.append(inspected());
            else if (each === 'turn') await new Promise((resolve) => setTimeout(resolve, 1));
            else asked.push(ask([projecting, reading][each.of]!.readModels.query(meters), each.ask));
          }
          answers += (await Promise.all(asked)).filter(Boolean).length;
          await Promise.all(paths.splice(0).map((path) => path.stop()));
          await events.close();
        },
      ),
      { numRuns: 150 },
    );
    expect(answers).toBeGreaterThan(0);
    events = await openEvents();
  });
});
