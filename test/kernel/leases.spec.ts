import { Leases, LEASES } from '#src/kernel/leases/leases';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import type { ReadModelCollection, ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { KeptLog, until } from '../support/meters';
import { gate } from '../support/recording-reader';

const BEAT = 50;

/** What the processes share; it can be lost. */
let shared: MemoryReadModelStore;
let away = false;
let log: KeptLog;
const all: Leases[] = [];

/** A process that may work, and notes when it does. */
class Worker {
  readonly leases: Leases;
  working = false;
  readonly story: string[] = [];
  private awake = Promise.resolve();

  constructor(readonly name: string) {
    const collection = async () => {
      await this.awake;
      if (away) throw new Error('The store is away.');
      return shared.open(LEASES);
    };
    const view: Pick<ReadModelCollection, 'read' | 'write'> = {
      read: async (ids) => (await collection()).read(ids),
      write: async (changes) => (await collection()).write(changes),
    };
    const store = { open: async () => view } as unknown as ReadModelStore;
    this.leases = new Leases({ store, holder: name, beatEvery: BEAT, logger: log });
    all.push(this.leases);
    this.leases.want('relay', {
      taken: async () => void ((this.working = true), this.story.push('taken')),
      lost: async () => void ((this.working = false), this.story.push('lost')),
    });
  }

  /** As if the process stood still; what is answered lets it go on. */
  freeze(): () => void {
    const { passed, open } = gate();
    this.awake = passed;
    return open;
  }
}

beforeEach(() => {
  shared = new MemoryReadModelStore({ file: null });
  log = new KeptLog();
});

afterEach(async () => {
  away = false;
  await Promise.all(all.splice(0).map((leases) => leases.stop()));
  await shared.close();
});

const statusOf = ({ leases }: Worker) => leases.status()[0]!;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a lease', () => {
  it('is had by one of many who want it', async () => {
    const workers = ['a', 'b', 'c', 'd'].map((name) => new Worker(name));
    await until(() => workers.some(({ working }) => working));
    await pause(6 * BEAT);
    const [holder, ...others] = workers.filter(({ working }) => working);
    expect(others).toEqual([]);
    expect(workers.map((worker) => statusOf(worker).holder)).toEqual(workers.map(() => holder!.name));
    expect(await holder!.leases.holderOf('relay')).toBe(holder!.name);
  });

  it('stays with its holder, and its epoch with it', async () => {
    const holder = new Worker('a');
    await until(() => holder.working);
    new Worker('b');
    await pause(8 * BEAT);
    expect(statusOf(holder)).toMatchObject({ held: true, epoch: 1, error: null });
    expect(holder.story).toEqual(['taken']);
  });

  it('is given back when its holder stops, after its work has ended', async () => {
    const first = new Worker('a');
    await until(() => first.working);
    await first.leases.stop();
    expect(first.story).toEqual(['taken', 'lost']);
    expect(await first.leases.holderOf('relay')).toBeNull();
    const second = new Worker('b');
    await until(() => second.working);
    expect(statusOf(second).epoch).toBe(2);
  });

  it('is taken over from a holder that is silent, and that one ends its work when it notices', async () => {
    const silent = new Worker('a');
    await until(() => silent.working);
    const awake = silent.freeze();
    const next = new Worker('b');
    await until(() => next.working);
    expect(silent.working).toBe(true);
    awake();
    await until(() => !silent.working);
    await pause(5 * BEAT);
    expect(next.working).toBe(true);
    expect(statusOf(silent)).toMatchObject({ held: false, holder: 'b' });
  });

  it('is kept while the store is away, and changes hands for no other reason than silence afterwards', async () => {
    const holder = new Worker('a');
    await until(() => holder.working);
    const other = new Worker('b');
    await until(() => statusOf(other).holder === 'a');
    away = true;
    await until(() => statusOf(holder).error !== null && statusOf(other).error !== null);
    await pause(6 * BEAT);
    expect(holder.working).toBe(true);
    away = false;
    await until(() => statusOf(other).error === null);
    await pause(6 * BEAT);
    expect([holder.working, other.working]).toEqual([true, false]);
    expect(holder.story).toEqual(['taken']);
  });

  it('begins anew when the store has lost it', async () => {
    const holder = new Worker('a');
    await until(() => holder.working);
    const other = new Worker('b');
    shared = new MemoryReadModelStore({ file: null });
    await until(() => holder.story.includes('lost'));
    await until(() => holder.working !== other.working);
    await pause(6 * BEAT);
    expect(holder.working).not.toBe(other.working);
  });

  it('is wanted again when its work could not begin', async () => {
    let tries = 0;
    const leases = new Leases({ store: shared, beatEvery: BEAT, logger: log });
    all.push(leases);
    const taken = async () => {
      if (++tries === 1) throw new Error('not yet');
    };
    leases.want('projections', { taken, lost: async () => undefined });
    await until(() => tries === 2);
    expect(log.lines.join()).toContain('could not begin');
  });
});
