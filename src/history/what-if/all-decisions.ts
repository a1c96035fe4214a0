import { allParts } from '../../contexts';
import type { Decision } from '../../decisions/decision';
import { foldOfAggregate, type StreamFold } from '../folds/stream-fold';

/** Every decision that can be taken again. */
export const allDecisions: readonly Decision[] = allParts.flatMap(({ decisions }) =>
  'no' in decisions ? [] : decisions,
);

const decidedOn = new Set(allDecisions.flatMap(({ aggregate, reads = [] }) => [aggregate, ...reads]));

/** How the states fold that these decisions are taken on, by the names of the aggregates. */
export const decisionFolds: ReadonlyMap<string, StreamFold> = new Map(
  allParts
    .filter(({ aggregate }) => decidedOn.has(aggregate.name))
    .map(({ aggregate }) => [aggregate.name, foldOfAggregate(aggregate) as StreamFold]),
);
