/**
 * A program that tests kill: appends to many streams at once, and prints a line per answer.
 *
 *     node append-forever.js <file of the event store>
 *
 * Prints `stored <stream> <revision> <event id>` or `unknown <stream> <revision> <event id>`. Ends on any other answer.
 */
import { OutcomeUnknown } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { newId } from '#src/kernel/ids';

const CALLERS = 16;

async function append(store: SqliteEventStore, stream: string): Promise<void> {
  for (let revision = 0; ; revision++) {
    const event = { id: newId(), type: 'Noted', data: { text: 'x'.repeat(300) }, metadata: { v: 1 } };
    const line = `${stream} ${revision} ${event.id}\n`;
    try {
      await store.append(stream, revision === 0 ? 'no_stream' : revision - 1, [event]);
      process.stdout.write(`stored ${line}`);
    } catch (error) {
      if (!(error instanceof OutcomeUnknown)) throw error;
      process.stdout.write(`unknown ${line}`);
      return;
    }
  }
}

async function main(file: string): Promise<void> {
  const store = await SqliteEventStore.open({ file });
  await Promise.all(Array.from({ length: CALLERS }, () => append(store, `note-${newId()}`)));
}

void main(process.argv[2]!);
