import type { Actor, StoredEvent } from '../../kernel/events';
import type { CommandResult } from '../../kernel/processes/process';
import { stampOf, type Position } from '../../kernel/position';
import type { Reacted, Settled } from '../../kernel/processes/process.events';
import { commandBehind, isReaction, type ReactedEvent } from '../causes';
import { isProcessEvent } from '../folds/process-fold';
import { eventView } from '../views';

type EventView = ReturnType<typeof eventView>;

export type GraphNode =
  | {
      readonly kind: 'command';
      readonly id: string;
      /** null: what people ask for is not stored by name. */
      readonly name: string | null;
      readonly actor: Actor;
      /** `waiting`: a process has not got an answer yet. */
      readonly outcome: CommandResult['outcome'] | 'waiting';
      /** Why it was rejected. */
      readonly code?: string;
    }
  | ({ readonly kind: 'event' } & EventView)
  /** A process reacted. `to`: what kind of thing it reacted to; `timeout`: its name. */
  | ({ readonly kind: 'reaction'; readonly to: Reacted['source']['kind']; readonly timeout?: string } & EventView);

/** `from` brought `to` about: a command stored an event, a process reacted to an event, a reaction issued a command. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
}

/** What followed from one request, or from several. */
export interface Graph {
  /** How far the log had come when it was read, as a stamp. */
  readonly position: string | null;
  readonly correlationIds: readonly string[];
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** `events`: all of the correlations, in log order. `position`: of the newest event when they were looked for. */
export function graphOf(events: readonly StoredEvent[], position: Position | null): Graph {
  const builder = new GraphBuilder(events);
  for (const event of events) builder.add(event);
  return { position: position && stampOf(position), ...builder.graph() };
}

class GraphBuilder {
  private readonly nodes = new Map<string, GraphNode>();
  private readonly edges: GraphEdge[] = [];
  /** Ends of reactions stand for the reactions: by the id of the Settled event. */
  private readonly reactionsOfEnds = new Map<string, string>();
  private readonly reactions = new Map<string, ReactedEvent>();
  private readonly results = new Map<string, readonly CommandResult[]>();

  constructor(private readonly events: readonly StoredEvent[]) {
    const places = new Map<string, string>();
    for (const event of events) {
      if (!isReaction(event)) continue;
      this.reactions.set(event.id, event);
      places.set(placeOf(event), event.id);
    }
    for (const { type, stream, id, data } of events) {
      if (type !== 'Settled') continue;
      const { reaction, results } = data as Settled;
      const settled = places.get(placeOf({ stream, revision: reaction }));
      if (settled === undefined) continue;
      this.reactionsOfEnds.set(id, settled);
      this.results.set(settled, results);
    }
  }

  add(event: StoredEvent): void {
    if (isReaction(event)) this.addReaction(event);
    else if (!isProcessEvent(event)) this.addEvent(event);
  }

  graph(): Omit<Graph, 'position'> {
    const known = ({ from, to }: GraphEdge) => this.nodes.has(from) && this.nodes.has(to);
    return {
      correlationIds: [...new Set(this.events.map(({ metadata }) => metadata.correlationId))],
      nodes: [...this.nodes.values()],
      edges: this.edges.filter(known),
    };
  }

  private addReaction(event: ReactedEvent): void {
    const { source, commands } = event.data;
    const { causationId, actor } = event.metadata;
    const timeout = source.kind === 'timeout' ? { timeout: source.name } : {};
    this.nodes.set(event.id, { kind: 'reaction', to: source.kind, ...timeout, ...eventView(event) });
    this.edges.push({ from: this.reactionsOfEnds.get(causationId) ?? causationId, to: event.id });
    for (const [n, { id, name }] of commands.entries()) {
      const result = this.results.get(event.id)?.[n];
      const code = result?.outcome === 'rejected' ? { code: result.code } : {};
      this.nodes.set(id, { kind: 'command', id, name, actor, outcome: result?.outcome ?? 'waiting', ...code });
      this.edges.push({ from: event.id, to: id });
    }
  }

  private addEvent(event: StoredEvent): void {
    const { causationId, actor } = event.metadata;
    const commandId = this.commandOf(event);
    if (!this.nodes.has(commandId)) {
      this.nodes.set(commandId, { kind: 'command', id: commandId, name: null, actor, outcome: 'done' });
      if (causationId !== commandId) this.edges.push({ from: causationId, to: commandId });
    }
    this.nodes.set(event.id, { kind: 'event', ...eventView(event) });
    this.edges.push({ from: commandId, to: event.id });
  }

  private commandOf(event: StoredEvent): string {
    const { commandId, causationId } = event.metadata;
    const reaction = this.reactions.get(causationId);
    return (reaction && commandBehind(event, reaction)?.id) ?? commandId;
  }
}

const placeOf = ({ stream, revision }: Pick<StoredEvent, 'stream' | 'revision'>): string => `${stream}/${revision}`;
