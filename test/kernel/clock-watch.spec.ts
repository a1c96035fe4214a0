import { join } from 'node:path';
import { Clock } from '#src/kernel/clock';
import { ClockWatch } from '#src/kernel/event-store/clock-watch';
import { StoreUnavailable } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { EventStoreDbEventStore } from '#src/kernel/event-store/eventstoredb-event-store';
import { newId } from '#src/kernel/ids';
import { startEventStoreNode } from '../support/eventstore-node/start-node';
import { KeptLog, until } from '../support/meters';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { stopsAfterEach } from '../support/stops';

const DAY = 86_400_000;

class ShiftedClock extends Clock {
  ahead = 0;
  override now(): Date {
    return new Date(Date.now() + this.ahead);
  }
}

const event = () => ({ id: newId(), type: 'Noted', data: {}, metadata: { v: 1 } });

describe('whoever watches the clocks', () => {
  const folder = tempFolderOfThisFile();
  const stopAfterwards = stopsAfterEach();
  let clock: ShiftedClock;
  let log: KeptLog;
  beforeEach(() => {
    clock = new ShiftedClock();
    log = new KeptLog();
  });

  function watch(store: ConstructorParameters<typeof ClockWatch>[0]): ClockWatch {
    const watching = new ClockWatch(store, new ShiftedClock(), log, 2);
    watching.start();
    stopAfterwards(async () => watching.stop());
    return watching;
  }

  it('says once, and again after the next start, that the embedded store is ahead since a clock was', async () => {
    const store = await SqliteEventStore.open({ file: join(folder, `${newId()}.db`), clock });
    stopAfterwards(() => store.close());
    clock.ahead = DAY;
    await store.append('note-1', 'no_stream', [event()]);
    clock.ahead = 0;
    await store.append('note-1', 0, [event()]);

    const watching = watch(store);
    await until(() => watching.aheadMs > 0);
    expect(watching.aheadMs / DAY).toBeCloseTo(1, 2);
    expect(watching.note).toMatch(/ahead of the clock of this process/);
    for (let n = 1; n < 20; n++) await store.append('note-1', n, [event()]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(log.lines).toEqual([expect.stringContaining('docs/operations.md')]);
    watch(store);
    await until(() => log.lines.length === 2);
  });

  it('says when that is over, as on EventStoreDB whose clock was set right', async () => {
    const node = await startEventStoreNode({ clockAhead: DAY });
    const store = await EventStoreDbEventStore.open(node.url, { logger: log });
    stopAfterwards(() => node.stop());
    stopAfterwards(() => store.close());
    await store.append('note-1', 'no_stream', [event()]);
    const watching = watch(store);
    await until(() => watching.aheadMs > 0);
    await node.faults.set({ clockAhead: 0 });
    await store.append('note-1', 0, [event()]);

    await until(() => watching.aheadMs === 0);
    await until(() => log.lines.length === 2);
    expect(log.lines[1]).toContain('not ahead of the clock any more');
    expect(watching.note).toBeNull();
  });

  it('says nothing of a store that is empty, in step, or away', async () => {
    const recordedAt = new Date(Date.now() + 500).toISOString();
    const answers = [[], [{ recordedAt }], 'away', [{ recordedAt }]];
    let looks = 0;
    const watching = watch({
      readAll: async () => {
        const answer = answers[looks++ % answers.length]!;
        if (answer === 'away') throw new StoreUnavailable('The store is away.');
        return answer as never;
      },
    });
    await until(() => looks > 10);
    expect([watching.aheadMs, watching.note, log.lines]).toEqual([0, null, []]);
  });
});
