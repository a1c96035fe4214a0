import { CheckpointMismatch } from '#src/kernel/feed/checkpoint-guard';
import { type Position, stampOf } from '#src/kernel/position';
import { STORE_IDENTITY_STREAM } from '#src/kernel/store-identity';
import { newNote, OTHER_STORE_ID, STORE_ID } from '../support/notes';
import { relayWorldOfEachTest } from '../support/relay-world';
import { relayOf } from '../support/relaying';
import { addressOf, describeOn } from '../support/servers/real-servers';

describeOn(['kafka'], 'after the event store was put back from a backup, the relay', () => {
  const world = relayWorldOfEachTest(() => addressOf('kafka'));
  const restored = { storeId: OTHER_STORE_ID };

  /** What a relay of the lost store left behind, and where. */
  async function relayedByTheLostStore(): Promise<Position> {
    await world().writer.write(100);
    const lost = await world().start();
    await lost.finished();
    await world().stop(lost);
    return (await world().store.head())!;
  }

  /** As `--restore` leaves it. */
  async function nameTheStore(): Promise<Position> {
    const { position } = await world().store.append(STORE_IDENTITY_STREAM, 'no_stream', [newNote('StoreRestored', {})]);
    return position;
  }

  it('waits for a place to be named, and proposes the last one that both stores have', async () => {
    const relayedUpTo = await relayedByTheLostStore();
    await nameTheStore();
    const starting = relayOf({ ...world(), ...restored }).start();
    await expect(starting).rejects.toThrow(CheckpointMismatch);
    await expect(starting).rejects.toThrow(
      `is of store ${STORE_ID}, but this is store ${OTHER_STORE_ID}, as after putting back a backup: set RELAY_FROM to ${stampOf(relayedUpTo)},`,
    );
  });

  it('proposes the end of the backup where the backup lacks what was relayed', async () => {
    const { prefix } = world();
    await relayedByTheLostStore();
    const backup = await world().emptyStore();
    const { position: end } = await backup.append('note-1', 'no_stream', [newNote('Noted', { text: 'kept' })]);
    const { position } = await backup.append(STORE_IDENTITY_STREAM, 'no_stream', [newNote('StoreRestored', {})]);
    expect(end).not.toEqual(position);
    const starting = relayOf({ store: backup, broker: world().broker, prefix, ...restored }).start();
    await expect(starting).rejects.toThrow(`set RELAY_FROM to ${stampOf(position)},`);
    await backup.close();
  });

  it('disturbs no other relay while it waits', async () => {
    await world().writer.write(100);
    const other = await world().start();
    await other.finished();
    await expect(relayOf({ ...world(), ...restored }).start()).rejects.toThrow(CheckpointMismatch);
    await world().writer.write(100);
    await other.finished();
    expect(other.relay.status.lastError).toBeNull();
  });

  it('goes on where RELAY_FROM says, and from then on where it is', async () => {
    const relayFrom = stampOf(await relayedByTheLostStore());
    const { count } = world().writer;
    await nameTheStore();
    await world().writer.write(100);
    const first = await world().start({ ...restored, relayFrom });
    await first.finished();
    await world().stop(first);
    expect(await world().consumed()).toHaveLength(world().writer.count);
    expect(first.relay.status.count).toBe(world().writer.count);
    expect(world().writer.count).toBeGreaterThan(count);
    const again = relayOf({ ...world(), ...restored, relayFrom });
    expect(await again.start()).toMatchObject({ storeId: OTHER_STORE_ID, position: await world().store.head() });
    await again.stop();
  });

  it('publishes everything once more from the beginning, where RELAY_FROM says so', async () => {
    await relayedByTheLostStore();
    const first = await world().start({ ...restored, relayFrom: 'beginning' });
    await first.finished();
    const ids = (await world().consumed()).map(({ headers }) => headers['ce_id']);
    expect(ids).toHaveLength(2 * world().writer.count);
    expect(new Set(ids).size).toBe(world().writer.count);
  });

  it('refuses a place that the store does not have', async () => {
    await relayedByTheLostStore();
    const beyond = '99999999999999999999/99999999999999999999';
    const starting = relayOf({ ...world(), ...restored, relayFrom: beyond }).start();
    await expect(starting).rejects.toThrow(`RELAY_FROM is ${beyond}, which is beyond the newest event of the store`);
  });
});
