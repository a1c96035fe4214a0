import type { Source } from './sources';

/** A rule of the architecture: what breaks it, each as `<file>:<line> <what>`. */
export interface Rule {
  readonly says: string;
  readonly violations: (sources: readonly Source[]) => string[];
  /** Sources, by path, of which the last breaks the rule in its first line. */
  readonly brokenBy: Readonly<Record<string, string>>;
}
