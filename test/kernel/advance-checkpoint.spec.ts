import type { Checkpoint } from '#src/kernel/feed/feed-reader';
import { positionOf } from '#src/kernel/position';
import { advanceCheckpoint } from '#src/kernel/read-models/advance-checkpoint';
import { CheckpointWriter } from '#src/kernel/read-models/checkpoint-writer';
import { CheckpointMoved } from '#src/kernel/read-models/read-model-store';
import { CrashingReadModels } from '../support/crashing-read-models';

const READER = 'meters@1';
const checkpointAt = (n: number, storeId = 'store'): Checkpoint => ({
  storeId,
  position: positionOf(n),
  eventId: `event ${n}`,
  eventPosition: positionOf(n),
});

describe('a checkpoint that is moved on', () => {
  let store: CrashingReadModels;
  const stored = () => store.readCheckpoint(READER);
  const advance = (to: number, from: number | null) =>
    advanceCheckpoint(store, READER, checkpointAt(to), from === null ? null : checkpointAt(from));

  beforeEach(async () => {
    store = new CrashingReadModels();
    await store.writeCheckpoint(READER, checkpointAt(5), null);
  });

  it('is stored where it was left', async () => {
    expect(await advance(7, 5)).toEqual(checkpointAt(7));
    expect(await stored()).toEqual(checkpointAt(7));
  });

  it('is stored from where another process has left it, if that is not as far', async () => {
    expect(await advance(7, 3)).toEqual(checkpointAt(7));
    expect(await advance(9, null)).toEqual(checkpointAt(9));
    expect(await stored()).toEqual(checkpointAt(9));
  });

  it('stays where another process has left it, if that is further', async () => {
    expect(await advance(4, 3)).toEqual(checkpointAt(5));
    expect(await stored()).toEqual(checkpointAt(5));
  });

  it.each<[string, () => Promise<void>]>([
    ['is gone', async () => store.lose()],
    [
      'has gone back, as when another process builds anew what was lost',
      async () => {
        store.lose();
        await store.writeCheckpoint(READER, checkpointAt(2), null);
      },
    ],
    ['is of another store', () => store.writeCheckpoint(READER, checkpointAt(6, 'another'), checkpointAt(5))],
  ])('is refused when what was stored %s', async (_what, happens) => {
    await happens();
    const before = await stored();
    await expect(advance(7, 5)).rejects.toBeInstanceOf(CheckpointMoved);
    expect(await stored()).toEqual(before);
    const writer = new CheckpointWriter(store, READER, () => undefined);
    await writer.begin(async () => checkpointAt(5));
    await expect(writer.assertStored()).rejects.toBeInstanceOf(CheckpointMoved);
  });

  it('may have been stored by a call that got no answer', async () => {
    const writer = new CheckpointWriter(store, READER, () => undefined);
    await writer.begin(stored);
    const write = store.writeCheckpoint.bind(store);
    store.writeCheckpoint = async (...args) => {
      await write(...args);
      throw new Error('No answer.');
    };
    await expect(writer.move(checkpointAt(6), true)).rejects.toThrow('No answer.');
    store.writeCheckpoint = write;
    await writer.move(checkpointAt(7), true);
    expect(await stored()).toEqual(checkpointAt(7));
    await writer.assertStored();
  });
});
