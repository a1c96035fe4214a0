/** What checks of a whole log have found: sentences that name the stream, the order or the event. */
export class Findings {
  /** What must be in no log, however short it was cut. */
  readonly violations: string[] = [];
  /** What has begun and not ended: nothing of it may be left when the shop has come to rest. */
  readonly unfinished: string[] = [];

  never(holds: boolean, otherwise: string): void {
    if (!holds) this.violations.push(otherwise);
  }

  inTheEnd(holds: boolean, otherwise: string): void {
    if (!holds) this.unfinished.push(otherwise);
  }
}

/** Two values are the same as JSON, whatever the order of members. */
export const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, sorted(member)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
