import type { Logger } from '@nestjs/common';
import { rejections } from '../kernel/rejection';
import { EndedEarly } from './beside-the-shop';

/** What history answers with, over HTTP, where it has no answer. */
export const rejected = rejections({
  'history-not-here': [404, 'This process does not answer questions about the history.'],
  'history-not-ready': [503, 'The history is being copied into columns for the first time. Try again.'],

  'history-unavailable': [
    503,
    'What answers questions about the history has failed; the log of the shop says how. Try again.',
  ],

  'stream-unknown': [404, 'The log has no such stream.'],
  'correlation-unknown': [404, 'The log has no event of this correlation.'],

  'sql-invalid': [400, 'This is no SQL that can be answered; the detail says where.'],
  'sql-not-allowed': [403, 'Only one SELECT over the views of the history is answered.'],
  'sql-failed': [422, 'The question failed at a value; the detail says at which.'],
  'sql-too-much-memory': [422, 'The question needs more memory than it may have.'],
  'sql-timeout': [422, 'The question took longer than it may.'],
  'sql-result-too-large': [422, 'The answer is larger than it may be.'],
  'sql-busy': [503, 'As many questions as may be are being answered. Try again.'],

  'report-too-much-memory': [422, 'The report needs more memory than it may have.'],
  'report-timeout': [422, 'The report took longer than it may.'],
  'report-busy': [503, 'Another report is being made. Try again.'],

  'export-unknown': [404, 'There is no such export in the data folder of this process.'],
  'export-file-unknown': [404, 'The export has no such file, or not yet.'],
  'export-too-many': [409, 'As many exports as may be are kept already; remove one first.'],
  'export-range-unsatisfiable': [416, 'The file has no such range of bytes.'],
  'export-failed': [500, 'The export can’t be made.'],
  'export-no-space': [507, 'There is no room left for exports on the disk of the server.'],
});

/** What a client is told of an error: that a program beside the shop has ended is no fault of the question, and is for the log. */
export function toldOf(error: unknown, logger: Pick<Logger, 'warn'>): unknown {
  if (!(error instanceof EndedEarly)) return error;
  logger.warn(error.message);
  return rejected('history-unavailable', { retryAfterSeconds: 5 });
}
