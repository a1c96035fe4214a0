import { text } from 'node:stream/consumers';
import { EndedEarly, startBeside } from '../beside-the-shop';
import { TOO_MUCH_MEMORY } from '../memory-watch';
import { rejected } from '../problems';
import type { SqlDatabaseOptions } from '../sql/sql-database';
import type { FiguresTask } from './read-figures';

/** The page, or its figures as JSON. */
export type ReportForm = 'page' | 'figures';

/** What a process that makes a report is told. */
export interface ReportTask extends Omit<SqlDatabaseOptions, 'registry'>, Omit<FiguresTask, 'onAnswer'> {
  readonly form: ReportForm;
}

/**
 * What the compiled program makes of the task, in a process beside the shop, which it ends with at the latest.
 * @throws the reason of `ending` when that is aborted before; the process is ended then
 * @throws Rejected `report-too-much-memory`
 */
export async function makeReport(program: string, task: ReportTask, ending: AbortSignal): Promise<string> {
  ending.throwIfAborted();
  // Nothing of the shop's environment is any of its business, least of all the secret.
  const beside = startBeside(program, [], {});
  const { child, ended } = beside;
  const kill = () => child.kill('SIGKILL');
  ending.addEventListener('abort', kill);
  child.stdin.write(`${JSON.stringify(task)}\n`);
  const [made, how] = await Promise.all([text(child.stdout), ended]);
  ending.removeEventListener('abort', kill);
  if (how === 0) return made;
  ending.throwIfAborted();
  if (how === TOO_MUCH_MEMORY) throw rejected('report-too-much-memory');
  throw new EndedEarly('The process that makes reports has ended', beside, how);
}
