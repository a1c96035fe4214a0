import { defineEvents, v1 } from '../event-definitions';

/**
 * First event of a stream that must never come into being: whoever took over the name that its creator had claimed wrote it
 * with `no_stream`, so that a late creation is refused.
 */
export const abandonedEvents = defineEvents('abandoned', { Abandoned: v1({}) });

export const ABANDONED = 'Abandoned';
