import { randomBytes } from 'node:crypto';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StoreDamaged } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { newId } from '#src/kernel/ids';
import { tempFolderOfThisFile } from '../support/temp-folder';

const folder = tempFolderOfThisFile();

const event = (data: object) => ({ id: newId(), type: 'Counted', data: { ...data }, metadata: {} });

describe('An event store with garbage in its file', () => {
  it('says once and for all that it is damaged, and not that it is worth another try', async () => {
    const file = join(folder, 'events.db');
    const whole = await SqliteEventStore.open({ file });
    for (let n = 0; n < 40; n++)
      await whole.append(
        `meter-${n}`,
        'no_stream',
        Array.from({ length: 50 }, () => event({ text: 'x'.repeat(400) })),
      );
    await whole.close();
    const handle = openSync(file, 'r+');
    writeSync(handle, randomBytes(65_536), 0, 65_536, Math.floor(statSync(file).size / 2 / 4_096) * 4_096);
    closeSync(handle);

    const store = await SqliteEventStore.open({ file });
    expect(store.damage).toBeNull();
    const reading = store.readAll({ limit: 10_000 });
    await expect(reading).rejects.toBeInstanceOf(StoreDamaged);
    await expect(reading).rejects.toThrow(
      /^The event store is damaged \([^)]+\): .*put the store back from a backup\.$/,
    );
    expect(store.damage).toBeInstanceOf(StoreDamaged);
    await store.close();
  });

  it('says so of an event whose text is none', async () => {
    const file = join(folder, 'texts.db');
    const whole = await SqliteEventStore.open({ file });
    await whole.append('meter-1', 'no_stream', [event({ text: 'MARK' })]);
    await whole.close();
    const { default: Database } = await import('libsql');
    const database = new Database(file);
    database.exec(`UPDATE events SET data = '{"text":'`);
    database.close();

    const store = await SqliteEventStore.open({ file });
    await expect(store.readStream('meter-1')).rejects.toThrow("damaged (event 1 can't be read)");
    expect(store.damage).not.toBeNull();
    await store.close();
  });
});
