import { rejections } from '../../kernel/rejection';

/** `history-not-ready` and `history-not-here` are declared beside SQL, which has the same. */
export const rejected = rejections({
  'report-too-much-memory': [422, 'The report needs more memory than it may have.'],
  'report-timeout': [422, 'The report took longer than it may.'],
  'report-busy': [503, 'Another report is being made. Try again.'],
});

export const REPORT_PROBLEMS = [
  'report-too-much-memory',
  'report-timeout',
  'report-busy',
  'history-not-ready',
  'history-not-here',
] as const;
