import { messageOf } from '../../kernel/message-of';

/** Why a question in SQL has no answer. */
export type SqlRefusal =
  /** It is no SQL, or asks for something that there is not. */
  | 'sql-invalid'
  /** It would do more than read the history. */
  | 'sql-not-allowed'
  /** It needs more memory than it may have. */
  | 'sql-too-much-memory'
  /** It took longer than it may. */
  | 'sql-timeout'
  /** The answer is larger than it may be. */
  | 'sql-result-too-large'
  /** It failed at a value: a text that is no number, a division that has no result. */
  | 'sql-failed';

/** The message is one plain sentence, or what DuckDB says. */
export class SqlRefused extends Error {
  constructor(
    readonly code: SqlRefusal,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'SqlRefused';
  }
}

/** By the kind of error that DuckDB's messages begin with. */
const KINDS: readonly (readonly [RegExp, SqlRefusal])[] = [
  [/^INTERRUPT Error/i, 'sql-timeout'],
  [/^Out of Memory Error/i, 'sql-too-much-memory'],
  [/^Permission Error|configuration has been locked|disabled by configuration/i, 'sql-not-allowed'],
  [/^Cannot create a string longer/, 'sql-result-too-large'],
  [/^(Parser|Binder|Catalog|Not implemented|Syntax) Error/i, 'sql-invalid'],
];

/** DuckDB's error as a refusal; a refusal as it is. */
export function refusalOf(error: unknown): SqlRefused {
  if (error instanceof SqlRefused) return error;
  const { message: told = String(error) } = error as { readonly message?: string };
  const message = told.replace(/^Failed to extract statements: /, '');
  const [, code = 'sql-failed'] = KINDS.find(([pattern]) => pattern.test(message)) ?? [];
  return new SqlRefused(code, PLAIN[code] ?? message.trim(), { cause: error });
}

/** Instead of DuckDB's own words, which name settings. */
const PLAIN: Partial<Record<SqlRefusal, string>> = {
  'sql-too-much-memory': 'The question needs more memory than it may have.',
};

/** Whether it is no answer to the question: files of the copy are gone, or the database is broken from now on. */
export const isBreakdown = (error: unknown): boolean => /^(FATAL|INTERNAL|IO) Error/i.test(messageOf(error));
