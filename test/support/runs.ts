import fc from 'fast-check';

/** So many runs of a property, or fewer where somebody has no time for them: see test/mutation. */
export const runs = (most: number): number => Math.min(most, fc.readConfigureGlobal()?.numRuns ?? most);
