import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { deriveId, newId } from '#src/kernel/ids';
import type { Rejected } from '#src/kernel/rejection';
import { FaultyStore } from '../support/faulty-store';
import { Crates } from '../support/labelled-crates';
import { gate } from '../support/recording-reader';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { command } from '../support/toy-box';

const folder = tempFolderOfThisFile();
const FOR_EVER = 60_000;

let store: SqliteEventStore;
let crates: Crates;
beforeEach(async () => {
  store = await SqliteEventStore.open({ file: join(folder, `${newId()}.db`) });
  crates = another({ patienceMs: FOR_EVER });
});
afterEach(() => store.close());

/** A process of its own on the same store. */
const another = (options = {}, shared = new FaultyStore(store, false)) => new Crates(shared, options);

const label = (id: string, by = crates, name = 'tools') => by.label(command(), id, name);
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: Rejected) => error.code,
  );
const claimStream = (name: string) => `claim-${deriveId('claims', `label/${name}`)}`;
/** Who has claimed it, one after another. */
const claimOf = async (name: string) =>
  (await store.readStream(claimStream(name))).map(({ data }) => data['ownerStream']);
const typesOf = async (id: string) => (await store.readStream(`crate-${id}`)).map(({ type }) => type);

describe('a name', () => {
  it('belongs to one of many who want it at once', async () => {
    const processes = [crates, another(), another()];
    const ids = Array.from({ length: 21 }, newId);
    const outcomes = await Promise.all(ids.map((id, n) => codeOf(label(id, processes[n % 3]))));
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'label-taken')).toHaveLength(20);
    expect(await crates.ownerOf('tools')).toBe(ids[outcomes.indexOf('done')]);
  });

  it('stays with an owner that has it', async () => {
    const owner = newId();
    await label(owner);
    expect(await codeOf(label(newId()))).toBe('label-taken');
    expect(await codeOf(label(newId(), another()))).toBe('label-taken');
    expect(await crates.ownerOf('tools')).toBe(owner);
    expect(await crates.ownerOf('unheard-of')).toBeNull();
  });

  it('is free at once when its owner has given it up, and no note is made of that in the owner’s stream', async () => {
    const [former, next] = [newId(), newId()];
    await label(former);
    await crates.takeOff(command(), former);
    await label(next);
    expect(await crates.ownerOf('tools')).toBe(next);
    expect(await typesOf(former)).toEqual(['LabelPut', 'LabelTakenOff']);
    await label(former, crates, 'toys');
    expect(await codeOf(label(former))).toBe('label-taken');
  });

  it('is free at once for a repeat of the command that claimed it and did not come to use it', async () => {
    const owner = newId();
    const once = command();
    await crates.claim(once, owner, 'tools');
    expect(await codeOf(crates.label(once, owner, 'tools'))).toBe('done');
  });

  it('is free at once for who wants it for the same owner', async () => {
    const owner = newId();
    await crates.claim(command(), owner, 'tools');
    expect(await codeOf(label(owner))).toBe('done');
  });

  it('is left to a command that is about to use it: whoever wants it waits, and is told that it is taken', async () => {
    const owner = newId();
    await crates.claim(command(), owner, 'tools');
    const waiting = codeOf(label(newId(), another({ patienceMs: FOR_EVER })));
    await sleep(50);
    await label(owner);
    expect(await waiting).toBe('label-taken');
  });

  it('is left to a command that is about to use it for an owner that exists already', async () => {
    const owner = newId();
    await label(owner, crates, 'toys');
    await crates.claim(command(), owner, 'tools');
    const waiting = codeOf(label(newId(), another({ patienceMs: FOR_EVER })));
    await sleep(50);
    await label(owner);
    expect(await waiting).toBe('label-taken');
  });

  it('passes on when its owner goes on without it', async () => {
    const [former, next] = [newId(), newId()];
    await label(former, crates, 'toys');
    await crates.claim(command(), former, 'tools');
    const waiting = codeOf(label(next, another({ patienceMs: FOR_EVER })));
    await sleep(50);
    await crates.move(command(), former);
    expect(await waiting).toBe('done');
    expect(await typesOf(former)).toEqual(['LabelPut', 'CrateMoved']);
  });

  it('passes on from a command that has died, and one that comes later still is refused', async () => {
    const [former, next] = [newId(), newId()];
    await label(former, crates, 'toys');
    const slow = new FaultyStore(store, false);
    const lateAppend = gate();
    slow.onAppend = (append) => async (stream, expected, events) => {
      if (events[0]?.type === 'LabelPut') await lateAppend.passed;
      return append(stream, expected, events);
    };
    const late = codeOf(label(former, another({ patienceMs: 0 }, slow)));
    while ((await claimOf('tools')).length === 0) await sleep(5);
    expect(await codeOf(label(next, another({ patienceMs: 20 })))).toBe('done');
    lateAppend.open();
    expect(await late).toBe('label-taken');
    expect(await typesOf(former)).toEqual(['LabelPut', 'ClaimLost']);
    expect(await crates.labelOf(former)).toBe('toys');
    expect(await crates.ownerOf('tools')).toBe(next);
  });

  it('passes on from an owner that was never created, which then never can be', async () => {
    const [former, next] = [newId(), newId()];
    await crates.claim(command(), former, 'tools');
    const impatient = another({ patienceMs: 0 });
    expect(await codeOf(label(next, impatient))).toBe('done');
    expect(await typesOf(former)).toEqual(['Abandoned']);
    for (const process of [impatient, crates, another()])
      expect(await codeOf(label(former, process, 'toys'))).toBe('creation-abandoned');
  });

  it('passes on although the clocks of two processes are hours apart, as if they were not', async () => {
    const clock = (hours: number) => ({ now: () => new Date(Date.now() + hours * 3_600_000) });
    for (const hours of [-5, 5]) {
      const [former, next] = [newId(), newId()];
      const other = another({ clock: clock(hours), patienceMs: FOR_EVER });
      await label(former, other, `${hours}`);
      expect(await codeOf(label(next, crates, `${hours}`))).toBe('label-taken');
      await other.takeOff(command(), former);
      expect(await codeOf(label(next, crates, `${hours}`))).toBe('done');
    }
  });
});

describe('a name in a shop that is one process', () => {
  it('passes on at once when it is given up, and from commands that have died', async () => {
    crates = new Crates(store, { patienceMs: 0 });
    const [first, second, third, fourth] = [newId(), newId(), newId(), newId()];
    await label(first);
    await crates.takeOff(command(), first);
    await label(second);
    await label(second, crates, 'toys');
    await crates.claim(command(), first, 'tools');
    await label(third);
    expect(await typesOf(first)).toEqual(['LabelPut', 'LabelTakenOff', 'ClaimLost']);
    await crates.claim(command(), fourth, 'games');
    await label(third, crates, 'games');
    expect(await codeOf(label(fourth, crates, 'dolls'))).toBe('creation-abandoned');
    expect([await crates.ownerOf('games'), await crates.ownerOf('tools')]).toEqual([third, null]);
  });
});

describe('names that are taken together', () => {
  it('are taken in one order, so that nobody who wants the same ones waits for another in vain', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const [one, other] = [another({ patienceMs: FOR_EVER }), another({ patienceMs: FOR_EVER })];
    const [first, second] = [newId(), newId()];
    await one.claim(command(), first, ...names);
    const waiting = other.claim(command(), second, ...names.toReversed());
    await sleep(50);
    for (const name of names) expect(await claimOf(name)).toEqual([`crate-${first}`]);
    await one.move(command(), first);
    await waiting;
    for (const name of names) expect(await claimOf(name)).toEqual([`crate-${first}`, `crate-${second}`]);
  });
});

describe('a claim of the first release, which did not say for which revision it was made', () => {
  const claimed = async (owner: string) => {
    const data = { scope: 'label', ownerStream: `crate-${owner}`, claimedAt: new Date().toISOString() };
    const { actor, ...context } = command().context;
    const metadata = { v: 1, ...context, actor: { ...actor } } as never;
    await store.append(claimStream('tools'), 'no_stream', [{ id: newId(), type: 'Claimed', data, metadata }]);
  };

  it('holds while its owner has the name', async () => {
    const owner = newId();
    crates = another({ patienceMs: 0 });
    await claimed(owner);
    await label(owner);
    expect(await codeOf(label(newId()))).toBe('label-taken');
    expect(await crates.ownerOf('tools')).toBe(owner);
  });

  it('passes on when its owner does not', async () => {
    const [former, next] = [newId(), newId()];
    crates = another({ patienceMs: 0 });
    await label(former, crates, 'toys');
    await claimed(former);
    expect(await codeOf(label(next))).toBe('done');
    expect(await typesOf(former)).toEqual(['LabelPut', 'ClaimLost']);
  });
});
