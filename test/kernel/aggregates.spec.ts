import fc from 'fast-check';
import { join } from 'node:path';
import { streamOf } from '#src/kernel/aggregate';
import { OutcomeUnknown, StoreUnavailable } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { deriveId, newId } from '#src/kernel/ids';
import type { Rejected } from '#src/kernel/rejection';
import { pause } from '#src/kernel/waiting';
import { FaultyStore } from '../support/faulty-store';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { add, boxesOn, command, notEnough, take, type BoxEvent } from '../support/toy-box';

const folder = tempFolderOfThisFile();
const newFile = () => join(folder, `${newId()}.db`);

let real: SqliteEventStore;
beforeEach(async () => (real = await SqliteEventStore.open({ file: newFile() })));
afterEach(() => real.close());

const rejection = async (work: Promise<unknown>): Promise<Rejected> => {
  try {
    await work;
  } catch (error) {
    return error as Rejected;
  }
  throw new Error('It was not rejected.');
};
const typesOf = async (id: string) => (await real.readStream(streamOf('box', id))).map(({ type }) => type);

describe('changing an aggregate', () => {
  it('answers the state folded from what is stored, and where it stands', async () => {
    const boxes = boxesOn(real);
    const id = newId();
    expect(await boxes.change(command(), id, { decide: add(5) })).toMatchObject({
      state: { coins: 5 },
      revision: 0,
      outcome: 'appended',
    });
    const changed = await boxes.change(command(), id, { decide: take(2) });
    expect(changed).toMatchObject({ state: { coins: 3 }, revision: 1 });
    expect(changed.position).toEqual(await real.head());
    expect((await boxesOn(real).get(id)).state).toEqual({ coins: 3 });
  });

  it('stores nothing when there is nothing to do, and says where the stream stands', async () => {
    const boxes = boxesOn(real);
    const id = newId();
    const { position } = await boxes.change(command(), id, { decide: add(5) });
    expect(await boxes.change(command(), id, { decide: take(0) })).toEqual({
      state: { coins: 5 },
      revision: 0,
      position,
      outcome: 'unchanged',
    });
    const rejected = await rejection(boxes.change(command(), id, { decide: take(9) }));
    expect(rejected).toMatchObject({ code: 'box-not-enough', details: { coins: 5 }, at: position });
    expect(await typesOf(id)).toEqual(['CoinsAdded']);
  });

  it('decides commands that wait together one after another, and appends them as one batch', async () => {
    const store = new FaultyStore(real);
    let appends = 0;
    store.onAppend =
      (append) =>
      (...args) => (appends++, append(...args));
    const boxes = boxesOn(store);
    const id = newId();
    await boxes.change(command(), id, { decide: add(100) });
    const buyers = Array.from({ length: 250 }, () =>
      boxes.change(command(), id, { decide: take(1) }).catch((e: Rejected) => e),
    );
    const answers = await Promise.all(buyers);
    expect(answers.filter((a) => 'outcome' in a)).toHaveLength(100);
    expect(answers.filter((a) => 'code' in a && a.code === 'box-not-enough')).toHaveLength(150);
    expect(appends).toBeLessThan(10);
    expect((await boxes.get(id)).state).toEqual({ coins: 0 });
  });

  it('keeps a batch within what one append may have', async () => {
    const boxes = boxesOn(real);
    const id = newId();
    await Promise.all(Array.from({ length: 700 }, () => boxes.change(command(), id, { decide: add(1) })));
    expect((await boxes.get(id)).state).toEqual({ coins: 700 });
  });

  it('rejects an event that does not match its schema, as the defect that it is, and stores nothing', async () => {
    const id = newId();
    const broken = () => [{ type: 'CoinsAdded', data: { coins: 1.5 } }] as never;
    await expect(boxesOn(real).change(command(), id, { decide: broken })).rejects.toThrow('does not match its schema');
    expect(await typesOf(id)).toEqual([]);
  });
});

describe('a repeated command', () => {
  it('is answered as it was then, without being decided, fetched or compared again', async () => {
    const boxes = boxesOn(real);
    const id = newId();
    const first = command();
    await boxes.change(first, id, { decide: add(5) });
    await boxes.change(command(), id, { decide: add(7) });
    const never = () => {
      throw new Error('must not run');
    };
    const again = command({ ...first.context, ifMatch: 99 });
    expect(await boxes.change(again, id, { fetch: never, decide: never })).toMatchObject({
      state: { coins: 5 },
      revision: 0,
      outcome: 'replayed',
    });
    expect(await boxesOn(real).change(again, id, { fetch: never, decide: never })).toMatchObject({
      state: { coins: 5 },
      outcome: 'replayed',
    });
  });

  it('of a store of the first release, which derived the ids of events from the command, is known', async () => {
    const id = newId();
    const stream = streamOf('box', id);
    const { context } = command();
    const { commandId, payloadHash, correlationId, causationId, actor, occurredAt } = context;
    const metadata = { v: 1, commandId, payloadHash, correlationId, causationId, actor: { ...actor }, occurredAt };
    const event = { id: deriveId(commandId, `${stream}/0`), type: 'CoinsAdded', data: { coins: 5 }, metadata };
    await real.append(stream, 'no_stream', [event]);
    await boxesOn(real).change(command(), id, { decide: add(1) });

    expect(await boxesOn(real).change(command(context), id, { decide: add(5) })).toMatchObject({
      state: { coins: 5 },
      revision: 0,
      outcome: 'replayed',
    });
    expect((await boxesOn(real).get(id)).state).toEqual({ coins: 6 });
  });

  it('that asks for something else is refused', async () => {
    const boxes = boxesOn(real);
    const id = newId();
    const first = command();
    await boxes.change(first, id, { decide: add(5) });
    const other = command({ ...first.context, payloadHash: 'other' });
    expect(await rejection(boxes.change(other, id, { decide: add(6) }))).toMatchObject({
      code: 'idempotency-key-reused',
    });
  });

  it('that arrives while the first is under way has one effect', async () => {
    const boxes = boxesOn(real);
    const id = newId();
    const { context } = command();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => boxes.change(command(context), id, { decide: add(5) })),
    );
    expect(answers.filter(({ outcome }) => outcome === 'appended')).toHaveLength(1);
    expect(await typesOf(id)).toEqual(['CoinsAdded']);
  });

  it('is remembered for 48 hours, also by a clock that was three days ahead for one command meanwhile', async () => {
    let now = new Date('2026-01-01T00:00:00Z');
    const clock = { now: () => now };
    await real.close();
    real = await SqliteEventStore.open({ file: newFile(), clock });
    const id = newId();
    const at = (time: string, context = {}) => {
      now = new Date(time);
      return command({ occurredAt: now.toISOString(), ...context });
    };
    const change = (c: ReturnType<typeof command>) => boxesOn(real, clock).change(c, id, { decide: add(1) });
    const first = at('2026-01-01T00:00:00Z');
    await change(first);
    await change(at('2026-01-03T12:00:00Z'));
    // All that follows is recorded as late as that.
    for (const time of ['2026-01-02T23:00:00Z', '2026-01-02T23:30:00Z']) await change(at(time));
    const last = at('2026-01-02T23:59:59Z');
    await change(last);
    expect((await change(first)).outcome).toBe('replayed');
    expect((await change(last)).outcome).toBe('replayed');
    for (const time of ['2026-01-03T01:00:00Z', '2026-01-03T01:00:01Z']) await change(at(time));
    expect((await change(first)).outcome).toBe('appended');
    expect((await change(last)).outcome).toBe('replayed');
  });

  it('of a process is remembered until its notAfter, which is stored with its events', async () => {
    const id = newId();
    const notAfter = '2099-01-01T00:00:00.000Z';
    const first = command({ actor: { kind: 'process', id: 'p' }, notAfter });
    const boxes = boxesOn(real);
    await boxes.change(first, id, { decide: add(1) });
    await boxes.change(command({ notAfter }), id, { decide: add(1) });
    const metadata = (await real.readStream(streamOf('box', id))).map((event) => event.metadata['notAfter']);
    expect(metadata).toEqual([notAfter, undefined]);
    const others = () => command({ actor: { kind: 'process', id: 'p' }, notAfter });
    await Promise.all(Array.from({ length: 2_500 }, () => boxes.change(others(), id, { decide: add(1) })));
    expect(await boxesOn(real).change(first, id, { decide: add(1) })).toMatchObject({
      revision: 0,
      outcome: 'replayed',
    });
  });
});

describe('If-Match', () => {
  it('lets one of many writers through per revision, and tells the others what came since', async () => {
    const boxes = boxesOn(real);
    const id = newId();
    await boxes.change(command(), id, { decide: add(5) });
    const racers = Array.from({ length: 50 }, () =>
      boxes.change(command({ ifMatch: 0 }), id, { decide: add(1) }).catch((e: Rejected) => e),
    );
    const answers = await Promise.all(racers);
    const refused = answers.filter((a): a is Rejected => 'code' in a);
    expect(refused).toHaveLength(49);
    for (const { code, details } of refused) {
      expect(code).toBe('precondition-failed');
      expect(details).toMatchObject({
        expectedRevision: 0,
        currentRevision: 1,
        eventsSince: [{ type: 'CoinsAdded', revision: 1 }],
      });
    }
  });
});

describe('what a decision may not tell', () => {
  const hidden = () => {
    throw notEnough('box-unknown');
  };

  it.each([[0], [7]])('is told by no If-Match either: "not found" comes first (%s)', async (ifMatch) => {
    const boxes = boxesOn(real);
    const id = newId();
    await boxes.change(command(), id, { decide: add(5) });
    const rejected = await rejection(boxes.change(command({ ifMatch }), id, { decide: hidden }));
    expect(rejected).toMatchObject({ code: 'box-unknown', details: {} });
  });

  it('is the outcome, as long as If-Match does not match', async () => {
    const boxes = boxesOn(real);
    const id = newId();
    await boxes.change(command(), id, { decide: add(5) });
    for (const decide of [take(9), take(0), take(1)])
      expect(await rejection(boxes.change(command({ ifMatch: 7 }), id, { decide }))).toMatchObject({
        code: 'precondition-failed',
        details: { currentRevision: 0 },
      });
  });
});

describe('what a command acquires beside its stream', () => {
  const acquiring = (acquired: number[], decide: (box: { coins: number }, coins: number) => BoxEvent[]) => ({
    fetch: () => 1,
    acquire: async (coins: number) => (acquired.push(coins), coins + 1),
    decide,
  });

  it('is acquired once the decision has said yes, and is what the events hold', async () => {
    const acquired: number[] = [];
    const changed = await boxesOn(real).change(
      command(),
      newId(),
      acquiring(acquired, (_, n) => add(n)()),
    );
    expect([changed.state.coins, acquired]).toEqual([2, [1]]);
  });

  const invalid = [{ type: 'CoinsAdded', data: { coins: 0.5 } } as const];
  it.each([
    ['is rejected', {}, take(9), { code: 'box-not-enough' }],
    ['has nothing to do', {}, take(0), { outcome: 'unchanged' }],
    ['has a stale If-Match', { ifMatch: 7 }, add(1), { code: 'precondition-failed' }],
    ['comes too late', { notAfter: '2001-01-01T00:00:00.000Z' }, add(1), { code: 'command-expired' }],
    ['would store what matches no schema', {}, () => [...invalid], { name: 'InvalidEvent' }],
  ])('is not acquired for one that %s', async (_, context, decide, answer) => {
    const boxes = boxesOn(real);
    const id = newId();
    await boxes.change(command(), id, { decide: add(5) });
    const acquired: number[] = [];
    const answered = await boxes.change(command(context), id, acquiring(acquired, decide)).catch((e: Error) => e);
    expect(answered).toMatchObject(answer);
    expect(acquired).toEqual([]);
    expect(await typesOf(id)).toEqual(['CoinsAdded']);
  });

  it('is not acquired for one that was done', async () => {
    const boxes = boxesOn(real);
    const id = newId();
    const first = command();
    const acquired: number[] = [];
    await boxes.change(first, id, acquiring(acquired, add(5)));
    expect(await boxes.change(first, id, acquiring(acquired, add(5)))).toMatchObject({ outcome: 'replayed' });
    expect(acquired).toEqual([1]);
  });

  it('is acquired anew for the state that it is stored on', async () => {
    const boxes = boxesOn(real);
    const id = newId();
    const states: number[] = [];
    const changed = await boxes.change(command(), id, {
      acquire: async (_, { coins }) => {
        states.push(coins);
        if (coins === 0) await boxes.change(command(), id, { decide: add(5) });
      },
      decide: add(1),
    });
    expect([changed.state.coins, states]).toEqual([6, [0, 5]]);
  });

  it('is never stored as it was before it was acquired', async () => {
    const boxes = boxesOn(real);
    const id = newId();
    let decisions = 0;
    // It says no when it is tried and yes in its turn, as when the clock goes back over a `notAfter`.
    const changed = await boxes.change(
      command(),
      id,
      acquiring([], (_, n) => (decisions++ === 0 ? [] : add(n)())),
    );
    expect(changed.state.coins).toBe(2);
  });

  it('is not acquired on a state that others have changed', async () => {
    const [here, there] = [boxesOn(new FaultyStore(real, false)), boxesOn(new FaultyStore(real, false))];
    const id = newId();
    await here.change(command(), id, { decide: add(1) });
    await there.change(command(), id, { decide: take(1) });
    const acquired: number[] = [];
    expect(await rejection(here.change(command(), id, acquiring(acquired, take(1))))).toMatchObject({
      code: 'box-not-enough',
    });
    expect(acquired).toEqual([]);
  });
});

describe('when the store fails', () => {
  it('says so when the outcome stays unknown; the same command settles it later, once', async () => {
    const store = new FaultyStore(real);
    store.onAppend = (append) => async (stream, expected, events) => {
      await append(stream, expected, events);
      throw new OutcomeUnknown(stream);
    };
    const boxes = boxesOn(store);
    const id = newId();
    const first = command();
    await expect(boxes.change(first, id, { decide: add(5) })).rejects.toBeInstanceOf(OutcomeUnknown);
    store.onAppend = null;
    expect(await boxes.change(first, id, { decide: add(5) })).toMatchObject({
      state: { coins: 5 },
      outcome: 'replayed',
    });
  });

  it('rejects what could not be stored, and goes on when the store is back', async () => {
    const store = new FaultyStore(real);
    store.onAppend = () => () => Promise.reject(new StoreUnavailable('down'));
    const boxes = boxesOn(store);
    const id = newId();
    await expect(boxes.change(command(), id, { decide: add(5) })).rejects.toBeInstanceOf(StoreUnavailable);
    store.onAppend = null;
    expect(await boxes.change(command(), id, { decide: add(5) })).toMatchObject({ state: { coins: 5 }, revision: 0 });
  });
});

describe('beside other writers', () => {
  const twoProcesses = () => [boxesOn(new FaultyStore(real, false)), boxesOn(new FaultyStore(real, false))] as const;

  it('never answers a rejection or "already so" from a stale cache', async () => {
    const [here, there] = twoProcesses();
    const id = newId();
    await here.change(command(), id, { decide: add(1) });
    await there.change(command(), id, { decide: take(1) });
    await there.change(command(), id, { decide: add(5) });
    expect(await here.change(command(), id, { decide: take(4) })).toMatchObject({ state: { coins: 1 }, revision: 3 });
    await there.change(command(), id, { decide: add(1) });
    expect(await here.change(command({ ifMatch: 4 }), id, { decide: take(0) })).toMatchObject({
      state: { coins: 2 },
      revision: 4,
    });
    expect((await there.get(id)).state).toEqual({ coins: 2 });
  });

  it('recognises a command that was done elsewhere, also when its facts are gone', async () => {
    const [here, there] = twoProcesses();
    const id = newId();
    await here.change(command(), id, { decide: add(1) });
    const first = command();
    await there.change(first, id, { decide: add(5) });
    const gone = () => {
      throw notEnough('box-not-enough');
    };
    expect(await here.change(first, id, { fetch: gone, decide: add(5) })).toMatchObject({
      state: { coins: 6 },
      outcome: 'replayed',
    });
    expect(await rejection(here.change(command(), id, { fetch: gone, decide: add(5) }))).toMatchObject({
      code: 'box-not-enough',
      at: await real.head(),
    });
  });

  it('fetches facts again that were fetched for a state that has passed', async () => {
    const [here, there] = twoProcesses();
    const id = newId();
    await here.change(command(), id, { decide: add(1) });
    await there.change(command(), id, { decide: add(1) });
    const fetchedFor: number[] = [];
    await here.change(command(), id, {
      fetchFor: ({ coins }) => (fetchedFor.push(coins), coins),
      decide: (box, coins) => (expect(coins).toBe(box.coins), take(coins)(box)),
    });
    expect(fetchedFor).toEqual([1, 2]);
    expect((await here.get(id)).state).toEqual({ coins: 0 });
  });

  it('two processes that take at once never take more than there is', async () => {
    const processes = [...twoProcesses(), ...twoProcesses()];
    const id = newId();
    await processes[0]!.change(command(), id, { decide: add(60) });
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        processes[n % 4]!.change(command(), id, { decide: take(1) }).catch((e: Rejected) => e),
      ),
    );
    const taken = answers.filter((a) => 'outcome' in a).length;
    const told = answers.filter((a) => 'code' in a).map((a) => (a as Rejected).code);
    expect(told.every((code) => code === 'box-not-enough' || code === 'too-many-conflicts')).toBe(true);
    expect((await processes[1]!.get(id)).state).toEqual({ coins: 60 - taken });
    if (told.includes('box-not-enough')) expect(taken).toBe(60);
  });
});

describe('on a busy stream', () => {
  it('a command that looks facts up for the state gets its turn, however many change it meanwhile', async () => {
    const boxes = boxesOn(real);
    const id = newId();
    await boxes.change(command(), id, { decide: add(1) });
    let over = false;
    const changers = Array.from({ length: 50 }, async () => {
      while (!over) await boxes.change(command(), id, { decide: add(1) });
    });
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        boxes.change(command(), id, {
          fetchFor: async ({ coins }) => (await pause(5), coins),
          decide: (now, coins) => (expect(now.coins).toBe(coins), take(1)(now)),
        }),
      ),
    );
    over = true;
    await Promise.all(changers);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 'fulfilled'));
  });
});

describe('a long stream', () => {
  it('is loaded from its snapshot and the events after it, and is the same without', async () => {
    const store = new FaultyStore(real);
    const boxes = boxesOn(store);
    const id = newId();
    for (let n = 0; n < 12; n++)
      await Promise.all(Array.from({ length: 100 }, () => boxes.change(command(), id, { decide: add(1) })));
    const snapshot = (await real.readStream(streamOf('boxSnapshot', id))).at(-1);
    expect(snapshot?.data['revision']).toBeGreaterThanOrEqual(999);
    expect((await boxesOn(store).get(id)).state).toEqual({ coins: 1_200 });
    expect((await boxesOn(new FaultyStore(real, false)).get(id)).revision).toBe(1_199);
  });
});

it('whatever commands come, once or twice, together or apart: each has its effect once', async () => {
  const step = fc.record({ key: fc.nat(15), coins: fc.integer({ min: -3, max: 5 }), restart: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 8 }), async (rounds) => {
      const id = newId();
      const coinsOf = new Map<number, number>();
      let boxes = boxesOn(real);
      for (const round of rounds) {
        if (round.some(({ restart }) => restart)) boxes = boxesOn(real);
        await Promise.all(
          round.map(async ({ key, coins }) => {
            const wanted = coinsOf.get(key) ?? coins;
            coinsOf.set(key, wanted);
            const once = command({ commandId: deriveId(id, `key-${key}`) });
            await boxes
              .change(once, id, { decide: wanted >= 0 ? add(wanted) : take(-wanted) })
              .catch((error: Rejected) => {
                expect(error.code).toBe('box-not-enough');
              });
          }),
        );
      }
      const events = await real.readStream(streamOf('box', id));
      const ids = events.map(({ metadata }) => metadata['commandId']);
      expect(new Set(ids).size).toBe(ids.length);
      let coins = 0;
      for (const { type, data } of events) {
        coins += (type === 'CoinsAdded' ? 1 : -1) * (data['coins'] as number);
        expect(coins).toBeGreaterThanOrEqual(0);
      }
      expect((await boxes.get(id)).state.coins).toBe(coins);
    }),
    { numRuns: 60 },
  );
});
