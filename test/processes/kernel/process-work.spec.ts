import { positionOf, stampOf } from '#src/kernel/position';
import { PROCESS_WORK, ProcessWork, type Work } from '#src/kernel/processes/process-work';
import { CrashingReadModels } from '../../support/crashing-read-models';

const at = (n: number) => stampOf(positionOf(n));
const checkpoint = (n: number) => ({
  storeId: 'store',
  position: positionOf(n),
  eventId: `event-${n}`,
  eventPosition: positionOf(n),
});
const work = (n: number, parts: Partial<Work> = {}): Work => ({
  stream: 'courier-1',
  stamp: at(n),
  unsettled: true,
  dueAt: null,
  begunAt: '',
  ...parts,
});

let readModels: CrashingReadModels;
beforeEach(() => (readModels = new CrashingReadModels()));

const holder = async () => {
  const holder = new ProcessWork(
    readModels,
    () => undefined,
    async () => undefined,
  );
  await holder.open();
  return holder;
};
const documents = async () => (await readModels.open(PROCESS_WORK)).find({}, { sort: { stream: 1 } });
const all = async (pages: AsyncGenerator<string[]>) => {
  const found: string[] = [];
  for await (const page of pages) found.push(...page);
  return found;
};

describe('the documents of what instances wait for', () => {
  it('are there while an instance has unsettled commands or timeouts', async () => {
    const one = await holder();
    one.note(work(1, { stream: 'courier-1' }));
    one.note(work(2, { stream: 'courier-2', unsettled: false, dueAt: '2026-01-01T12:00:00.000Z' }));
    one.note(work(3, { stream: 'courier-3', unsettled: false }));
    await one.flush();
    expect((await documents()).map(({ stream }) => stream)).toEqual(['courier-1', 'courier-2']);
    one.note(work(4, { stream: 'courier-1', unsettled: false }));
    await one.flush();
    expect((await documents()).map(({ stream }) => stream)).toEqual(['courier-2']);
  });

  it('are never put back by a holder that knows less', async () => {
    const [one, other] = [await holder(), await holder()];
    one.note(work(5, { dueAt: '2026-01-01T12:00:00.000Z' }));
    await one.flush();
    other.note(work(4, { unsettled: false }));
    await other.flush();
    expect(await documents()).toMatchObject([{ unsettled: true, due: '2026-01-01T12:00:00.000Z courier-1' }]);
  });

  it('are not put back either when the other one is faster at that very moment', async () => {
    const [one, other] = [await holder(), await holder()];
    one.note(work(1));
    await one.flush();
    one.note(work(2));
    readModels.onWrite = async () => {
      readModels.onWrite = () => undefined;
      other.note(work(3, { unsettled: false }));
      await other.flush();
    };
    await one.flush();
    expect(await documents()).toEqual([]);
  });

  it('are stored before the checkpoint that covers them', async () => {
    const one = await holder();
    one.note(work(1));
    one.covered(checkpoint(1));
    let documentsThen = 0;
    readModels.onCheckpoint = async () => void (documentsThen = (await documents()).length);
    await one.flush();
    expect(documentsThen).toBe(1);
    expect(await (await holder()).open()).toEqual(checkpoint(1));
  });

  it('keep the checkpoint back while they can not be stored', async () => {
    const one = await holder();
    one.note(work(1));
    one.covered(checkpoint(1));
    readModels.onWrite = () => {
      throw new Error('away');
    };
    await expect(one.flush()).rejects.toThrow('away');
    expect(await (await holder()).open()).toBeNull();
    expect(one.behind).toBe(1);

    readModels.onWrite = () => undefined;
    await one.flush();
    expect(await documents()).toHaveLength(1);
    expect(await (await holder()).open()).toEqual(checkpoint(1));
  });

  it('go together with the checkpoint when an operator drops them', async () => {
    const one = await holder();
    one.note(work(1));
    one.covered(checkpoint(1));
    await one.flush();
    await readModels.drop(PROCESS_WORK);
    expect(await (await holder()).open()).toBeNull();
  });

  it('are read in pages, by due time and by what is unsettled', async () => {
    const one = await holder();
    const streams = Array.from({ length: 1_200 }, (_, n) => `courier-${String(n).padStart(4, '0')}`);
    const noon = Date.UTC(2026, 0, 1, 12);
    const dueAt = (n: number) => new Date(noon + (n % 7) * 1_000).toISOString();
    for (const [n, stream] of streams.entries())
      one.note(work(n + 1, { stream, unsettled: n % 2 === 0, dueAt: dueAt(n) }));
    await one.flush();

    expect(await all(one.unsettled())).toEqual(streams.filter((_, n) => n % 2 === 0));
    const expected = streams.map((stream, n) => `${dueAt(n)} ${stream}`).sort();
    expect(await all(one.due('', dueAt(6)))).toEqual(expected.filter((key) => key < dueAt(6)));
    expect(await all(one.due(dueAt(2), dueAt(4)))).toEqual(expected.filter((key) => key >= dueAt(2) && key < dueAt(4)));
  });
});
