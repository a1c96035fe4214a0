import { rejections } from '../../kernel/rejection';
import type { SqlRefused } from './sql-refused';

export const rejected = rejections({
  'sql-invalid': [400, 'This is no SQL that can be answered; the detail says where.'],
  'sql-not-allowed': [403, 'Only one SELECT over the views of the history is answered.'],
  'sql-failed': [422, 'The question failed at a value; the detail says at which.'],
  'sql-too-much-memory': [422, 'The question needs more memory than it may have.'],
  'sql-timeout': [422, 'The question took longer than it may.'],
  'sql-result-too-large': [422, 'The answer is larger than it may be.'],
  'sql-busy': [503, 'As many questions as may be are being answered. Try again.'],
  'history-not-ready': [503, 'The history is being copied into columns for the first time. Try again.'],
  'history-not-here': [404, 'This process does not answer questions about the history.'],
});

export const SQL_PROBLEMS = [
  'sql-invalid',
  'sql-not-allowed',
  'sql-failed',
  'sql-too-much-memory',
  'sql-timeout',
  'sql-result-too-large',
  'sql-busy',
  'history-not-ready',
  'history-not-here',
] as const;

/** The problem document's members of a refusal. */
export const problemOfRefusal = ({ code, message }: SqlRefused) => rejected(code, { detail: message });
