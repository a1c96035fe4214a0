import { frozen } from '../../kernel/frozen';
import type { Aggregate } from '../../kernel/aggregate';
import type { EventRegistry } from '../../kernel/event-definitions';
import type { Actor, DomainEvent, StoredEvent } from '../../kernel/events';
import { isProcessEvent } from '../folds/process-fold';
import type { Decide, Decision, Taken } from '../../decisions/decision';
import { type Ended, IssuedCommands } from './issued-commands';
import {
  type Answer,
  answerOf,
  isAsStored,
  judge,
  type Outcome,
  OUTCOMES,
  type Verdict,
  whyNotComparable,
} from './judge';
import { KnownStreams, type StreamState } from './known-streams';

/** A decision function to try, and the one that is in the shop. */
export interface CandidateDecision {
  readonly decision: Decision;
  readonly decide: Decide;
}

/** One decision, and what would have become of it. */
export interface JudgedDecision {
  readonly name: string;
  readonly verdict: Verdict;
  readonly stream: string;
  /** Of its first event; of one that came to no event: of the state that it was taken on. */
  readonly revision: number;
  /** Where history tells of it: its first event, or the end of the process's commands. */
  readonly at: StoredEvent;
  readonly actor: Actor;
  readonly orderId: string | null;
}

export interface DecisionCounts extends Readonly<Record<Outcome, number>> {
  readonly name: string;
  readonly judged: number;
}

/** How the write path refuses commands before anything is decided. */
const NOT_DECIDED = new Set(['command-expired', 'creation-abandoned', 'idempotency-key-reused', 'precondition-failed']);

/**
 * Walks through the log and takes the decisions in it again, each on the state that its stream had then: by the live function, which
 * has to come to what is stored, and by the candidate.
 */
export class DecisionWalk {
  private readonly streams: KnownStreams;
  private readonly issued: IssuedCommands;
  private readonly byName: ReadonlyMap<string, CandidateDecision>;
  private readonly byType: ReadonlyMap<string, Decision>;
  private readonly counted: ReadonlyMap<string, Record<Outcome, number>>;
  /** One command's events in one stream, as long as there may come more. */
  private open: { readonly before: StreamState; readonly events: StoredEvent[] } | null = null;

  constructor(
    candidates: readonly CandidateDecision[],
    private readonly registry: EventRegistry,
    /** Whether a decision at this place of the log is judged. */
    private readonly isJudged: (event: StoredEvent) => boolean,
    private readonly found: (judged: JudgedDecision) => void,
  ) {
    const decisions = candidates.map(({ decision }) => decision);
    this.streams = new KnownStreams(aggregatesOf(decisions));
    this.issued = new IssuedCommands(decisions, this.streams);
    this.byName = new Map(candidates.map((candidate) => [candidate.decision.name, candidate]));
    this.byType = new Map(decisions.flatMap((each) => (each.shown ? [[each.shown.by, each] as const] : [])));
    this.counted = new Map(
      decisions.map(({ name }) => [
        name,
        Object.fromEntries(OUTCOMES.map((each) => [each, 0])) as Record<Outcome, number>,
      ]),
    );
  }

  /** The log goes on. @throws UnknownEvent */
  add(event: StoredEvent): void {
    if (this.streams.has(event.stream)) return this.addToStream(event);
    if (!isProcessEvent(event)) return;
    this.closeAppend();
    if (event.type === 'Reacted') this.issued.reacted(event);
    else for (const ended of this.issued.settled(event)) this.judgeEnded(ended, event);
  }

  /** The log has ended. */
  end(): DecisionCounts[] {
    this.closeAppend();
    return [...this.counted].map(([name, counts]) => ({
      name,
      judged: Object.values(counts).reduce((sum, count) => sum + count, 0),
      ...counts,
    }));
  }

  private addToStream(event: StoredEvent): void {
    const first = this.open?.events[0];
    if (!first || first.stream !== event.stream || first.metadata.commandId !== event.metadata.commandId) {
      this.closeAppend();
      this.open = { before: this.streams.at(event.stream), events: [] };
    }
    this.open!.events.push(event);
    this.streams.add(event);
  }

  private closeAppend(): void {
    const { open } = this;
    this.open = null;
    if (!open) return;
    const [first] = open.events as [StoredEvent];
    this.issued.moved(first.stream);
    const issued = this.issued.find(first.metadata.commandId);
    const own = issued?.stream === first.stream ? issued : undefined;
    if (own) own.isTaken = true;
    const decision = own?.decision ?? this.byType.get(first.type);
    if (!decision || !this.isJudged(first)) return;
    const input = own
      ? decision.issued!.input(own.data, first.recordedAt)
      : decision.shown!.input(first.data, this.taken(open.before, open.events));
    const stored = { events: open.events };
    const live = answerOf(decision.decide, open.before.state, frozen(input));
    const verdict = isAsStored(live, stored)
      ? this.tried(decision, open.before, input, stored)
      : ({ outcome: 'notComparable', why: whyNotComparable(live, stored) } as const);
    this.tell({
      name: decision.name,
      verdict,
      stream: first.stream,
      revision: first.revision,
      at: first,
      actor: first.metadata.actor,
      orderId: orderIdIn(own?.data, first.data),
    });
  }

  /** A command of a process that was refused, or found that it was already so. */
  private judgeEnded({ issued, result, states }: Ended, at: StoredEvent): void {
    if (!this.isJudged(at)) return;
    if (result.outcome === 'rejected' && NOT_DECIDED.has(result.code)) return;
    const { decision, stream, data } = issued;
    const input = frozen(decision.issued!.input(data, at.metadata.occurredAt));
    const stored: Answer =
      result.outcome === 'rejected' ? { refused: { code: result.code, details: result.details } } : { events: [] };
    // Which of them it was decided on is not stored; on that one, the live decision says the same again.
    const then = states.find(({ state }) => isAsStored(answerOf(decision.decide, state, input), stored));
    const [newest] = states as [StreamState];
    const verdict = then
      ? this.tried(decision, then, input, stored)
      : ({
          outcome: 'notComparable',
          why: whyNotComparable(answerOf(decision.decide, newest.state, input), stored),
        } as const);
    this.tell({
      name: decision.name,
      verdict,
      stream,
      revision: (then ?? newest).revision,
      at,
      actor: at.metadata.actor,
      orderId: orderIdIn(data),
    });
  }

  private tried({ name }: Decision, { state }: StreamState, input: unknown, stored: Answer): Verdict {
    return judge(answerOf(this.byName.get(name)!.decide, state, input), stored, this.registry);
  }

  private tell(judged: JudgedDecision): void {
    this.counted.get(judged.name)![judged.verdict.outcome]++;
    if (judged.verdict.outcome !== 'same') this.found(judged);
  }

  private taken({ state }: StreamState, events: readonly StoredEvent[]): Taken<unknown> {
    const [first] = events as [StoredEvent];
    return {
      state,
      events,
      actor: first.metadata.actor,
      at: first.recordedAt,
      stateOf: <O>({ name }: Pick<Aggregate<O, never>, 'name'>, id: string) => this.streams.of(name, id).state as O,
    };
  }
}

/** Aggregates whose streams have to be folded. */
export const aggregatesOf = (decisions: readonly Decision[]): Set<string> =>
  new Set(decisions.flatMap(({ aggregate, reads = [] }) => [aggregate, ...reads]));

/** Commands and events of an order name it. */
function orderIdIn(...data: readonly (DomainEvent['data'] | undefined)[]): string | null {
  const named = data.map((each) => (each as { readonly orderId?: unknown } | undefined)?.orderId);
  return named.find((orderId) => typeof orderId === 'string') ?? null;
}
