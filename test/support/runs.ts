import fc from 'fast-check';

/** So many runs of a property, or fewer where nobody has time for them: see test/mutation. */
export const runs = (most: number): number => Math.min(most, fc.readConfigureGlobal()?.numRuns ?? most);

/** Whether there are as many as it takes to come to everything. */
export const hasAllRuns = (): boolean => fc.readConfigureGlobal()?.numRuns === undefined;
