/** Of a file's mutants that tests must notice, in percent. */
export const WANTED = 90;
/** Of a file's mutants that comments may leave out, in percent. */
export const MOST_LEFT_OUT = 2;

/** A mutant as Stryker reports it. */
export interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

export interface Score {
  readonly file: string;
  /** Those that tests were asked about. */
  readonly mutants: number;
  readonly killed: number;
  readonly leftOut: number;
  /** In percent. A file of which nothing can be mutated has no test to miss. */
  readonly score: number;
  readonly met: boolean;
  /** `src/cart/cart.ts:12:3 StringLiteral → ""`. */
  readonly survivors: readonly string[];
}

export function scoreOf(file: string, mutants: readonly Mutant[]): Score {
  const those = (...states: string[]) => mutants.filter(({ status }) => states.includes(status));
  // A loop that does not end any more is noticed by whoever waits for it.
  const killed = those('Killed', 'Timeout').length;
  const survivors = those('Survived', 'NoCoverage');
  const leftOut = those('Ignored').length;
  const asked = killed + survivors.length;
  const score = asked === 0 ? 100 : (100 * killed) / asked;
  return {
    file,
    mutants: asked,
    killed,
    leftOut,
    score,
    met: score >= WANTED && leftOut * 100 <= MOST_LEFT_OUT * (asked + leftOut),
    survivors: survivors.map((mutant) => told(file, mutant)),
  };
}

function told(file: string, { status, mutatorName, replacement = '', location: { start } }: Mutant): string {
  const unseen = status === 'NoCoverage' ? ' (no test comes here)' : '';
  return `${file}:${start.line}:${start.column} ${mutatorName} → ${replacement.replace(/\s+/g, ' ').slice(0, 80)}${unseen}`;
}

const ROW = ['file', 'mutants', 'killed', 'left out', 'score', 'wanted', 'met'] as const;

/** Rows of one width, for people. */
export function tableOf(scores: readonly Score[]): string[] {
  const cells = scores.map(({ file, mutants, killed, leftOut, score, met }) => [
    file,
    ...[mutants, killed, leftOut].map(String),
    `${score.toFixed(1)} %`,
    `${WANTED} %`,
    met ? 'yes' : 'NO',
  ]);
  const rows = [[...ROW], ...cells];
  const widths = ROW.map((_, n) => Math.max(...rows.map((row) => row[n]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join('  '),
  );
}
