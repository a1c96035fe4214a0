import type { EventRegistry } from '../../kernel/event-definitions';
import type { DomainEvent } from '../../kernel/events';
import type { Json, JsonObject } from '../../kernel/json';
import { messageOf } from '../../kernel/message-of';
import { Rejected } from '../../kernel/rejection';
import { type Difference, differences, isSame } from '../differences';
import { differenceView } from '../views';
import type { Decide } from '../../decisions/decision';

/** What a decision came to: events, none where it was already so, or a refusal. */
export type Answer =
  | { readonly events: readonly DomainEvent[] }
  | { readonly refused: { readonly code: string; readonly details: JsonObject } };

/** An answer that is none: what the function did instead. */
interface Failure {
  readonly error: string;
}

/**
 * What a candidate makes of a decision, beside what was made of it:
 * `same`; `different`: it comes to other events, or is refused for another reason; `refused`: it was taken and would be refused;
 * `taken`: it was refused and would be taken; `failed`: the candidate threw something or answered no events that could be stored;
 * `notComparable`: the code of this release itself does not come to what is stored, so nothing can be said of the candidate.
 */
export type Verdict =
  | { readonly outcome: 'same' }
  | { readonly outcome: 'different'; readonly differences: readonly Difference[] }
  | { readonly outcome: 'refused'; readonly code: string; readonly details: JsonObject }
  | { readonly outcome: 'taken'; readonly code: string; readonly events: readonly DomainEvent[] }
  | { readonly outcome: 'failed'; readonly error: string }
  | { readonly outcome: 'notComparable'; readonly why: string };

export type Outcome = Verdict['outcome'];

/** In the order in which they are reported. */
export const OUTCOMES: readonly Outcome[] = ['same', 'different', 'refused', 'taken', 'failed', 'notComparable'];

/** Takes a decision as a function takes it; nothing that it does instead of answering gets out. */
export function answerOf(decide: Decide, state: unknown, input: unknown): Answer | Failure {
  try {
    const events = decide(state, input);
    return isEvents(events) ? { events } : { error: 'It did not answer a list of events.' };
  } catch (error) {
    if (!(error instanceof Rejected)) return { error: messageOf(error) };
    return { refused: { code: error.code, details: asJson(error.details) as JsonObject } };
  }
}

const isEvents = (answer: unknown): answer is DomainEvent[] =>
  Array.isArray(answer) &&
  answer.every(
    (event: Partial<DomainEvent> | null) => typeof event?.type === 'string' && typeof event.data === 'object',
  );

/** Whether a live decision says again what is stored. */
export function isAsStored(live: Answer | Failure, stored: Answer): boolean {
  if ('error' in live) return false;
  if ('events' in stored) return 'events' in live && isSame(decided(stored.events), decided(live.events));
  return 'refused' in live && isSame(stored.refused as Json, live.refused as Json);
}

/** Judges what a candidate answered, where the live decision says again what is `stored`. */
export function judge(candidate: Answer | Failure, stored: Answer, registry: EventRegistry): Verdict {
  if ('error' in candidate) return { outcome: 'failed', error: candidate.error };
  if ('refused' in candidate) {
    if ('events' in stored) return { outcome: 'refused', ...candidate.refused };
    return compared({ code: stored.refused.code }, { code: candidate.refused.code });
  }
  const { events } = candidate;
  const error = defectOf(events, registry);
  if (error !== null) return { outcome: 'failed', error };
  if ('refused' in stored) return { outcome: 'taken', code: stored.refused.code, events };
  return compared(decided(stored.events), decided(events));
}

function compared(before: Json, after: Json): Verdict {
  const found = differences(before, after);
  if (found.length === 0) return { outcome: 'same' };
  return { outcome: 'different', differences: found.map(differenceView) };
}

/** Why the store would not take the events; null: it would. */
function defectOf(events: readonly DomainEvent[], registry: EventRegistry): string | null {
  try {
    for (const { type, data } of events) registry.assertValid(type, data);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** Says in one sentence what the live decision did in place of what is stored. */
export function whyNotComparable(live: Answer | Failure, stored: Answer): string {
  const was = textOf(stored);
  return 'error' in live
    ? `History has ${was}, and the code of this release fails: ${live.error}`
    : `History has ${was}, and the code of this release comes to ${textOf(live)}.`;
}

/** So many events of a decision are named. */
const NAMED = 4;

function textOf(answer: Answer): string {
  if ('refused' in answer) return `the refusal ${answer.refused.code}`;
  const types = answer.events.map(({ type }) => type);
  if (types.length === 0) return 'nothing';
  const more = types.length > NAMED ? ` and ${types.length - NAMED} more` : '';
  return types.slice(0, NAMED).join(', ') + more;
}

/** What of events is compared: what was decided, and nothing of the circumstances. */
const decided = (events: readonly DomainEvent[]): Json =>
  events.map(({ type, data }) => ({ type, data: data as Json }));

/** As it would be stored. */
const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
