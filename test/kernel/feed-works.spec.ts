import type { EventStore } from '#src/kernel/event-store/event-store';
import { Feed } from '#src/kernel/feed/feed';
import { FeedWorks } from '#src/kernel/leases/feed-works';
import { Leases } from '#src/kernel/leases/leases';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { counted, KeptLog, MeterStream, openEvents, registry, STORE_ID, until } from '../support/meters';
import { allCaughtUp, RecordingReader } from '../support/recording-reader';

const BEAT = 50;

let store: EventStore;
let meters: MeterStream;
let shared: MemoryReadModelStore;

beforeEach(async () => {
  store = await openEvents();
  meters = new MeterStream(store);
  shared = new MemoryReadModelStore({ file: null });
});

afterEach(async () => {
  await store.close();
  await shared.close();
});

/** A process with one piece of work; its readers begin at the start of the log. */
function processOf({ leased }: { leased: boolean }) {
  const logger = new KeptLog();
  const feed = new Feed({ store, registry, storeId: STORE_ID, logger, backOff: 1, restartAfter: 1 });
  const leases = leased ? new Leases({ store: shared, beatEvery: BEAT, logger }) : null;
  const works = new FeedWorks(feed, leases);
  const readers: RecordingReader[] = [];
  let ended = 0;
  const counts = {
    name: 'counts',
    reader: () => {
      const reader = new RecordingReader('counts', ['Counted'], null);
      readers.push(reader);
      return reader;
    },
    ended: () => void ended++,
  };
  return { works, counts, readers, ended: () => ended };
}

describe('work on the feed', () => {
  it.each([true, false])('begins with a reader, and ends when the process stops (by a lease: %s)', async (leased) => {
    const { works, counts, readers, ended } = processOf({ leased });
    const { ids } = await meters.append(counted('a', 1), counted('a', 2));
    await works.start([counts]);
    await until(() => readers.length === 1);
    await allCaughtUp(store, readers);
    expect(readers[0]!.ids).toEqual(ids);
    expect(ended()).toBe(0);
    await works.stop();
    expect(ended()).toBe(1);
    expect(readers[0]!.stopped).toBe(true);
  });

  it('that many processes could do is done by one; another takes it up, with a reader of its own, when that one stops', async () => {
    const [first, second] = [processOf({ leased: true }), processOf({ leased: true })];
    await first.works.start([first.counts]);
    await until(() => first.readers.length === 1);
    await second.works.start([second.counts]);
    await meters.append(counted('a', 1));
    await allCaughtUp(store, first.readers);
    expect(second.readers).toEqual([]);
    await first.works.stop();
    expect(first.ended()).toBe(1);
    await until(() => second.readers.length === 1);
    await meters.append(counted('a', 2));
    await allCaughtUp(store, second.readers);
    await second.works.stop();
  });

  it('that needs a server which may be away is not waited for', async () => {
    const { works, counts, readers, ended } = processOf({ leased: false });
    const never = { ...counts, joinsLater: true, reader: () => new NeverReady('counts', ['Counted'], null) };
    await works.start([never]);
    expect(readers).toEqual([]);
    await works.stop();
    expect(ended()).toBe(1);
  });
});

/** A reader whose server is away. */
class NeverReady extends RecordingReader {
  override async start(): Promise<never> {
    throw new Error('The server is away.');
  }
}
