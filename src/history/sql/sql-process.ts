/**
 * A process that answers SQL over the files of a columnar copy, and can do nothing else. It reads one JSON message per line: first
 * what to open, then questions, one at a time; and writes one JSON message per line (see sql-messages.ts). It ends with its input.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { allEvents } from '../../contexts';
import { EventRegistry } from '../../kernel/event-definitions';
import { watchMemory } from '../memory-watch';
import { SqlDatabase } from './sql-database';
import type { FromSqlProcess, OpenMessage, Question } from './sql-messages';
import { isBreakdown, refusalOf, SqlRefused } from './sql-refused';

async function say(message: FromSqlProcess): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(message)}\n`)) await once(process.stdout, 'drain');
}

async function answer(database: SqlDatabase, { sql, mostRows, mostBytes }: Question): Promise<void> {
  try {
    const { columns, pages } = await database.ask(sql);
    await say({ columns });
    let rows = 0;
    let bytes = 0;
    for await (const page of pages) {
      rows += page.length;
      bytes += JSON.stringify(page).length;
      if (rows > mostRows)
        throw new SqlRefused(
          'sql-result-too-large',
          `The answer has more than ${mostRows} rows; ask for fewer with LIMIT.`,
        );
      if (bytes > mostBytes)
        throw new SqlRefused('sql-result-too-large', `The answer has more than ${mostBytes} bytes; ask for less.`);
      await say({ rows: page });
    }
    await say({ end: rows });
  } catch (error) {
    // The shop logs it, and begins with a new process.
    if (isBreakdown(error)) throw error;
    const { code, message } = refusalOf(error);
    await say({ refused: { code, message } });
  }
}

async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) return;
  const options = JSON.parse(first.value) as OpenMessage;
  watchMemory(options.memoryLimitMb);
  const database = await SqlDatabase.open({ ...options, registry: new EventRegistry(allEvents) });
  await say({ ready: true });
  for (let line = await lines.next(); !line.done; line = await lines.next())
    await answer(database, JSON.parse(line.value) as Question);
  database.close();
}

void main();
