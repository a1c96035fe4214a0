import { join } from 'node:path';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { newId } from '#src/kernel/ids';
import { newPrefix, NoteWriter, topicsOf } from '../support/notes';
import { brokenPromises, consumed } from '../support/integrator';
import { startRelaying } from '../support/relaying';
import { addressOf, describeOn, type ServerName } from '../support/servers/real-servers';
import { tempFolderOfThisFile } from '../support/temp-folder';

const folder = tempFolderOfThisFile();

describeOn(['kafka'], 'x', () => {
  it('normal', async () => {
    const store = await SqliteEventStore.open({ file: join(folder, `${newId()}.db`) });
    const writer = new NoteWriter(store, 200);
    const broker = addressOf('kafka');
    const prefix = newPrefix();
    await writer.write(10_000);
    const relaying = await startRelaying({ store, broker, prefix });
    await writer.write(10_000);
    console.time('relay');
    await relaying.finished();
    console.timeEnd('relay');
    console.log(relaying.log.lines, relaying.relay.status, writer.count);
    await relaying.feed.stop();
    console.time('consume');
    const events = await consumed(broker, topicsOf(prefix));
    console.timeEnd('consume');
    expect(brokenPromises(events, writer.published)).toEqual([]);
    await store.close();
  });
});
