import type { Checkpoint } from '#src/kernel/feed/feed-reader';
import { newId } from '#src/kernel/ids';
import { positionOf } from '#src/kernel/position';
import type { ReadModelStore } from '#src/kernel/read-models/read-model-store';
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
    await store().writeCheckpoint(`${orders}@1`, checkpointAt(5));
    await store().writeCheckpoint(`${orders}@12`, checkpointAt(5));
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
    await store().writeCheckpoint(reader, first);
    expect(await store().readCheckpoint(reader)).toEqual(first);
    await store().writeCheckpoint(reader, second);
    await store().writeCheckpoint(other, third);
    expect(await store().readCheckpoint(reader)).toEqual(second);
    expect(await store().readCheckpoint(other)).toEqual(third);
    await store().flush();
    expect(await store().readCheckpoint(reader)).toEqual(second);
  });
}
