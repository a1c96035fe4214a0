/**
 * A place in the store's one log: opaque and ordered. Both parts are decimal numbers, zero-padded to 20 digits, so that
 * their order as text is their order in the log. (SQLite: both are the sequence number.)
 */
export interface Position {
  readonly commit: string;
  readonly prepare: string;
}

export const padded = (number: bigint | number): string => String(number).padStart(20, '0');

export const positionOf = (commit: bigint | number, prepare: bigint | number = commit): Position => {
  const text = padded(commit);
  return { commit: text, prepare: prepare === commit ? text : padded(prepare) };
};

/** Below zero if `a` comes first, 0 if they are the same place, above zero if `b` comes first; `null` is before all. */
export function comparePositions(a: Position | null, b: Position | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (a.commit !== b.commit) return a.commit < b.commit ? -1 : 1;
  if (a.prepare !== b.prepare) return a.prepare < b.prepare ? -1 : 1;
  return 0;
}

/** The one that comes second. */
export const laterOf = (a: Position | null, b: Position | null): Position | null =>
  comparePositions(a, b) > 0 ? a : b;

/** The position as one text that sorts like the position: what documents are stamped with. */
export const stampOf = (position: Position): string => `${position.commit}/${position.prepare}`;

export function positionOfStamp(stamp: string): Position {
  const [commit, prepare] = stamp.split('/') as [string, string];
  return { commit, prepare };
}
