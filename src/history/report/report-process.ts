/**
 * A process that makes one report from the files of a columnar copy, and can do nothing else. It reads its task as one line of JSON (see
 * make-report.ts), writes the page, or the figures as JSON, to standard output and ends; before that, it ends with its input.
 */
import { createInterface } from 'node:readline';
import { allEvents } from '../../contexts';
import { EventRegistry } from '../../kernel/event-definitions';
import { messageOf } from '../../kernel/message-of';
import { endForMemory, watchMemory } from '../memory-watch';
import { SqlDatabase } from '../sql/sql-database';
import { refusalOf } from '../sql/sql-refused';
import type { ReportFigures } from './figures';
import { readFigures } from './read-figures';
import type { ReportTask } from './make-report';

async function main(task: ReportTask): Promise<void> {
  watchMemory(task.memoryLimitMb);
  const figures = await figuresOf(task);
  const text = task.form === 'figures' ? JSON.stringify(figures) : await pageOf(figures);
  await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
}

async function figuresOf(task: ReportTask): Promise<ReportFigures> {
  const database = await SqlDatabase.open({ ...task, registry: new EventRegistry(allEvents) });
  try {
    return await readFigures(database, task);
  } finally {
    database.close();
  }
}

/** The library that draws takes time and memory to load: who asks for figures needs none of it. */
async function pageOf(figures: ReportFigures): Promise<string> {
  return (await import('#src/history/report/page')).pageOf(figures);
}

function failed(error: unknown): void {
  if (refusalOf(error).code === 'sql-too-much-memory') return endForMemory();
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}

const input = createInterface({ input: process.stdin });
input.once('line', (line) => {
  main(JSON.parse(line) as ReportTask).then(() => process.exit(0), failed);
});
input.once('close', () => process.exit(1));
