/** One thing that is not as it should be. */
export interface Finding {
  /** What is compared: a file of the export, or `read model <name>`. */
  readonly where: string;
  /** From 1; null: it is about the whole. */
  readonly line: number | null;
  /** Of the event, as far as it can be told. */
  readonly position: string | null;
  /** One sentence. */
  readonly what: string;
}

/** More findings than these say nothing new. */
export const MOST_FINDINGS = 20;

export const textOf = ({ where, line, position, what }: Finding): string =>
  [where, line === null ? null : `line ${line}`, position === null ? null : `position ${position}`]
    .filter((part) => part !== null)
    .join(', ')
    .concat(`: ${what}`);
