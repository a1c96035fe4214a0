import fc from 'fast-check';

// Each mutant runs them again: few of them, the same each time, and done with the first that fails.
fc.configureGlobal({ numRuns: 3, seed: 1, endOnFailure: true });
