/** Positions of EventStoreDB are offsets in its log, so there are gaps between them; here each gap is so wide. */
const GAP = 100;

/** Position on the wire, of a row of the log. */
export const positionOf = (sequence: number): number => sequence * GAP;

/** The first row at this position or after it. */
export const rowAtOrAfter = (position: string): number => Math.ceil(rowOf(position));

/** The last row at this position or before it. */
export const rowAtOrBefore = (position: string): number => Math.floor(rowOf(position));

/** The last row before this position. */
export const rowBefore = (position: string): number => rowAtOrAfter(position) - 1;

/** Beyond the end of any log a position need not be exact. */
const rowOf = (position: string): number => Math.min(Number(position), Number.MAX_SAFE_INTEGER) / GAP;
