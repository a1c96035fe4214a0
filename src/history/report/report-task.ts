import type { SqlDatabaseOptions } from '../sql/sql-database';
import type { FiguresTask } from './read-figures';

/** The page, or its figures as JSON. */
export type ReportForm = 'page' | 'figures';

/** What a process that makes a report is told. */
export interface ReportTask extends Omit<SqlDatabaseOptions, 'registry'>, Omit<FiguresTask, 'onAnswer'> {
  readonly form: ReportForm;
}
