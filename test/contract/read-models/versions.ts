import type { Checkpoint } from '#src/kernel/feed/feed-reader';
import { newId } from '#src/kernel/ids';
import { positionOf } from '#src/kernel/position';
import { CheckpointMoved, type ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { put } from './setting';

const checkpointAt = (n: number): Checkpoint => ({
  storeId: newId(),
  position: positionOf(n),
  eventId: newId(),
  eventPosition: positionOf(n - 1),
});

/** Versions side by side, and checkpoints. */
export function versions(store: () => ReadModelStore): void {
  const name = () => `orders-${newId()}`;

  it('keeps the versions of a read model apart', async () => {
    const orders = name();
    const first = await store().open({ name: orders, version: 1, indexes: [{ total: 1 }] });
    const second = await store().open({ name: orders, version: 2, indexes: [] });
    await put(first, { a: { total: 1 } });
    await put(second, { a: { total: '2' }, b: { total: '3' } });
    expect(await first.find({})).toEqual([{ _id: 'a', total: 1 }]);
    expect(await second.count({})).toBe(2);
  });

  it('shows the same documents to whoever opens a version', async () => {
    const spec = { name: name(), version: 1, indexes: [{ total: 1 as const }] };
    await put(await store().open(spec), { a: { total: 1 } });
    expect(await (await store().open(spec)).find({ total: 1 })).toEqual([{ _id: 'a', total: 1 }]);
  });

  it('lists what is stored, and drops a version with its checkpoint, and nothing else', async () => {
    const orders = name();
    const first = { name: orders, version: 1, indexes: [] };
    const second = { name: orders, version: 12, indexes: [] };
    await put(await store().open(first), { a: { total: 1 } });
    await put(await store().open(second), { a: { total: 2 } });
    await store().writeCheckpoint(`${orders}@1`, checkpointAt(5), null);
    await store().writeCheckpoint(`${orders}@12`, checkpointAt(5), null);
    const versionsOf = async () =>
      (await store().list()).filter((stored) => stored.name === orders).map(({ version }) => version);
    expect((await versionsOf()).sort()).toEqual([1, 12]);

    await store().drop({ name: orders, version: 1 });
    expect(await versionsOf()).toEqual([12]);
    expect(await store().readCheckpoint(`${orders}@1`)).toBeNull();
    expect(await store().readCheckpoint(`${orders}@12`)).not.toBeNull();
    expect(await (await store().open(second)).count({})).toBe(1);
    expect(await (await store().open(first)).count({})).toBe(0);
  });

  it('drops a version that is not there', async () => {
    await expect(store().drop({ name: name(), version: 3 })).resolves.toBeUndefined();
  });

  it('answers a reader’s last checkpoint, and null before the first', async () => {
    const [reader, other] = [name(), name()];
    expect(await store().readCheckpoint(reader)).toBeNull();
    const [first, second, third] = [checkpointAt(5), checkpointAt(6), checkpointAt(9)];
    await store().writeCheckpoint(reader, first, null);
    expect(await store().readCheckpoint(reader)).toEqual(first);
    await store().writeCheckpoint(reader, second, first);
    await store().writeCheckpoint(other, third, null);
    expect(await store().readCheckpoint(reader)).toEqual(second);
    expect(await store().readCheckpoint(other)).toEqual(third);
    await store().flush();
    expect(await store().readCheckpoint(reader)).toEqual(second);
  });

  it('moves a checkpoint on from where it is, and from nowhere else', async () => {
    const reader = name();
    const [first, second, third] = [checkpointAt(5), checkpointAt(6), checkpointAt(7)];
    const write = (checkpoint: Checkpoint, was: Checkpoint | null) => store().writeCheckpoint(reader, checkpoint, was);
    await expect(write(second, first)).rejects.toBeInstanceOf(CheckpointMoved);
    expect(await store().readCheckpoint(reader)).toBeNull();
    await write(first, null);
    await write(first, null);
    await write(second, first);
    for (const was of [null, first, third]) await expect(write(third, was)).rejects.toBeInstanceOf(CheckpointMoved);
    expect(await store().readCheckpoint(reader)).toEqual(second);
  });

  it('lets one of many move it on', async () => {
    const reader = name();
    for (const was of [null, checkpointAt(5)]) {
      if (was) await store().writeCheckpoint(reader, was, await store().readCheckpoint(reader));
      const wanted = Array.from({ length: 20 }, (_, n) => checkpointAt(10 + n));
      const outcomes = await Promise.allSettled(wanted.map((each) => store().writeCheckpoint(reader, each, was)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const winner = wanted[outcomes.findIndex(({ status }) => status === 'fulfilled')];
      expect(await store().readCheckpoint(reader)).toEqual(winner);
    }
  });
}
