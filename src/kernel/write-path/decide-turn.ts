import type { CommandContext } from '../commands';
import { MAX_APPEND_BYTES, MAX_APPEND_EVENTS } from '../event-store/event-store';
import type { EventRegistry } from '../event-definitions';
import type { DomainEvent, EventMetadata, NewEvent } from '../events';
import { newId } from '../ids';
import type { JsonObject } from '../json';
import { problemTypes, Rejected } from '../rejection';
import type { Folded } from './folded';
import { refused } from './problems';

/** What became of one command: the stream as it stood with that command's outcome. */
export interface Outcome<S> {
  readonly state: S;
  readonly revision: number;
  readonly position: Folded<S>['position'];
  readonly outcome: 'appended' | 'unchanged' | 'replayed';
}

/** What a command comes to on a state, and the revision that it has. Pure. Throws `Rejected`. */
export type Decide<S, E> = (state: S, revision: number) => readonly E[];

/** The facts were fetched for another state than the one to decide on. */
export class StaleFacts extends Error {}

/** The decision says yes, to facts that lack what its events need: they were fetched at a moment when it said no. */
export class LackingFacts extends StaleFacts {}

/** A command in the queue of its stream. */
export interface Waiting<S, E> {
  readonly context: CommandContext;
  /** When it came, by `performance.now()`. */
  readonly askedAt: number;
  readonly decide: Decide<S, E>;
  readonly resolve: (outcome: Outcome<S>) => void;
  readonly reject: (error: unknown) => void;
  tries: number;
}

/** Decided in this turn, to be answered when the turn's events are stored. */
export interface Decided<S, E> {
  readonly command: Waiting<S, E>;
  readonly answer: { readonly error: unknown } | { readonly state: S; readonly events: readonly NewEvent[] };
}

/** Commands of one turn: decided, known as repeats, and those that have to wait for the next turn. */
export interface Turn<S, E> {
  readonly decided: readonly Decided<S, E>[];
  readonly repeats: readonly Waiting<S, E>[];
  readonly undecided: readonly Waiting<S, E>[];
}

export interface DeciderServices<S, E extends DomainEvent> {
  readonly registry: EventRegistry;
  readonly evolve: (state: S, event: E) => S;
  readonly now: () => Date;
}

/** Decides the commands that wait on a stream, one after another on the advancing state, until the batch is full. */
export function decideTurn<S, E extends DomainEvent>(
  commands: readonly Waiting<S, E>[],
  folded: Folded<S>,
  services: DeciderServices<S, E>,
): Turn<S, E> {
  const decided: Decided<S, E>[] = [];
  const repeats: Waiting<S, E>[] = [];
  const started = new Set<string>();
  let { state, revision } = folded;
  let bytes = 0;
  for (const [n, command] of commands.entries()) {
    const { context } = command;
    if (folded.window.find(context.commandId)) {
      repeats.push(command);
      continue;
    }
    // The same command twice in a turn: the second is a repeat once the first is stored.
    if (started.has(context.commandId)) return { decided, repeats, undecided: commands.slice(n) };
    try {
      const facts = decide(command, folded, { state, revision }, services.now);
      const events = facts.map((fact) => newEvent(fact, context, services.registry));
      if (commands.length > 1) bytes += Buffer.byteLength(JSON.stringify(events));
      const soFar = revision - folded.revision;
      if (soFar > 0 && (soFar + events.length > MAX_APPEND_EVENTS || bytes > MAX_APPEND_BYTES / 2))
        return { decided, repeats, undecided: commands.slice(n) };
      for (const fact of facts) state = services.evolve(state, fact);
      revision += events.length;
      if (events.length > 0) started.add(context.commandId);
      decided.push({ command, answer: { state, events } });
    } catch (error) {
      decided.push({ command, answer: { error } });
    }
  }
  return { decided, repeats, undecided: [] };
}

/**
 * If-Match is compared before the decision's outcome is told, but for "not found": whoever may not know that something exists
 * is told nothing else by a header.
 */
function decide<S, E>(
  { context: { notAfter, ifMatch }, decide }: Waiting<S, E>,
  { abandoned }: Folded<S>,
  { state, revision }: { readonly state: S; readonly revision: number },
  now: () => Date,
): readonly E[] {
  if (notAfter !== undefined && now().toISOString() > notAfter) throw refused('command-expired', { notAfter });
  const matches = ifMatch === undefined || ifMatch === revision;
  const admitted = matches && !abandoned;
  try {
    const facts = decide(state, revision);
    if (admitted) return facts;
  } catch (error) {
    const isAnswer = error instanceof LackingFacts || (error instanceof Rejected && !isNotFound(error));
    if (admitted || !isAnswer) throw error;
  }
  if (abandoned) throw refused('creation-abandoned');
  throw refused('precondition-failed', { expectedRevision: ifMatch, currentRevision: revision });
}

const isNotFound = ({ code }: Rejected): boolean => problemTypes.get(code)?.status === 404;

/**
 * Its id is new: another decision, here or in another process, is never taken for this one, also where both are of one command.
 */
function newEvent(fact: DomainEvent, context: CommandContext, registry: EventRegistry): NewEvent {
  registry.assertValid(fact.type, fact.data);
  const { commandId, payloadHash, correlationId, causationId, actor, occurredAt, traceparent, notAfter } = context;
  const metadata: EventMetadata = {
    v: registry.versionOf(fact.type),
    commandId,
    payloadHash,
    correlationId,
    causationId,
    actor,
    occurredAt,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(notAfter === undefined || actor.kind !== 'process' ? {} : { notAfter }),
  };
  return { id: newId(), type: fact.type, data: fact.data as JsonObject, metadata: metadata as unknown as JsonObject };
}
