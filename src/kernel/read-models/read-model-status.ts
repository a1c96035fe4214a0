import type { Position } from '../position';

/** How one read model is doing. */
export interface ReadModelStatus {
  readonly projection: string;
  readonly version: number;
  /** The stored checkpoint. */
  readonly position: Position | null;
  readonly ready: boolean;
  readonly parkedKeys: number;
  /** One sentence: why it is not ready, or what an operator should look at; null: nothing. */
  readonly note: string | null;
}

/** What an operator is told of it; null: nothing. */
export function noteOn(ready: boolean, parked: number, unacknowledged: number): string | null {
  if (!ready && unacknowledged > 0)
    return `Not ready: an operator must retry, skip or acknowledge what is parked (keys: ${unacknowledged}).`;
  if (!ready) return 'Not ready: it has not caught up with the log yet.';
  return parked > 0 ? `Parked keys: ${parked}.` : null;
}
