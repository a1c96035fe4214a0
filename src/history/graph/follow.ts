import { allParts, processNames } from '../../contexts';
import { partsOf, streamOf } from '../../kernel/aggregate';
import type { Direction } from '../../kernel/event-store/event-store';
import type { StoredEvent } from '../../kernel/events';
import { comparePositions, positionOfStamp } from '../../kernel/position';
import type { Reacted, Settled, StoredCommand } from '../../kernel/processes/process.events';
import { Causes, idsIn, isReaction } from '../causes';
import { isProcessEvent } from '../folds/process-fold';
import type { HistoryLog } from '../source';

/** The aggregates that a member of an event's or a command's data may name. */
const NAMED: ReadonlyMap<string, readonly string[]> = new Map(
  [...new Set(allParts.flatMap(({ namedBy }) => namedBy))].map((member) => [
    member,
    allParts.filter(({ namedBy }) => namedBy.includes(member)).map(({ aggregate }) => aggregate.name),
  ]),
);

/** So far back the events of a command are looked for where its end does not tell their revision. */
const RECENT = 100;
/** Events of one read where those of one cause are looked for; most have one or two. */
const TOGETHER = 4;

/**
 * Collects the events of correlations from stream to stream: from an event to the processes that reacted to it or acted for it, from
 * a process to what it reacted to and to what its commands stored. Claims on names can't be found in this way.
 */
export class Follower {
  private readonly found = new Map<string, StoredEvent>();
  private readonly causes: Causes;

  constructor(
    private readonly log: HistoryLog,
    private readonly correlationIds: ReadonlySet<string>,
  ) {
    this.causes = new Causes(log);
  }

  /** Everything that can be reached from these events, in log order. @throws StoreUnavailable */
  async from(events: readonly StoredEvent[]): Promise<StoredEvent[]> {
    let next = this.added(events);
    while (next.length > 0) {
      const reached: StoredEvent[] = [];
      for (const event of next) reached.push(...(await this.beside(event)));
      next = this.added(reached);
    }
    return [...this.found.values()].sort((a, b) => comparePositions(a.position, b.position));
  }

  /** Those that are new and belong to it. */
  private added(events: readonly StoredEvent[]): StoredEvent[] {
    const added = events.filter(
      ({ id, metadata }) => this.correlationIds.has(metadata.correlationId) && !this.found.has(id),
    );
    for (const event of added) this.found.set(event.id, event);
    return added;
  }

  private async beside(event: StoredEvent): Promise<readonly StoredEvent[]> {
    if (isReaction(event)) return [...(await this.sourceOf(event)), ...(await this.outcomesOf(event))];
    if (isProcessEvent(event)) return [];
    const { stream, revision, metadata } = event;
    const isOfProcess = metadata.actor.kind === 'process';
    return [
      ...(await this.causedBy(metadata.causationId, stream, revision)),
      ...(isOfProcess ? [] : await this.inOtherStreams(event)),
      ...(await this.processesOf(event)),
    ];
  }

  /** What a person asks for may change several things, as registering does: those that the event names. */
  private async inOtherStreams({ data, metadata }: StoredEvent): Promise<StoredEvent[]> {
    const found = streamsNamedIn(data).map((stream) => this.newest(metadata.causationId, stream));
    return (await Promise.all(found)).flat();
  }

  /** Events of the processes that may have to do with an event, by the ids that it names. */
  private async processesOf({ stream, data }: StoredEvent): Promise<StoredEvent[]> {
    const ids = new Set([partsOf(stream).id, ...idsIn(data).map(([, id]) => id)]);
    const streams = processNames.flatMap((process) => [...ids].map((id) => streamOf(process, id)));
    return (await Promise.all(streams.map((name) => this.causes.eventsOf(name)))).flat();
  }

  private async sourceOf({ data: { source } }: { readonly data: Reacted }): Promise<StoredEvent[]> {
    if (source.kind !== 'event') return [];
    const event = await this.log.store.readAt(positionOfStamp(source.position));
    return event ? [this.log.registry.decode(event)] : [];
  }

  /** What the commands of a reaction have stored: at the revisions that they were answered with. */
  private async outcomesOf(reaction: StoredEvent & { readonly data: Reacted }): Promise<StoredEvent[]> {
    const events = await this.causes.eventsOf(reaction.stream);
    const settled = events.find(({ type, data }) => type === 'Settled' && isEndOf(data as Settled, reaction));
    const results = settled && (settled.data as Settled).results;
    const outcomes = reaction.data.commands.map(async (command, n) => {
      const result = results?.[n];
      if (results && result?.outcome !== 'done') return [];
      return this.outcomeOf(reaction.id, command, result?.outcome === 'done' ? result.revision : undefined);
    });
    return (await Promise.all(outcomes)).flat();
  }

  private async outcomeOf(
    reactionId: string,
    { data }: StoredCommand,
    revision: number | undefined,
  ): Promise<StoredEvent[]> {
    const found = streamsNamedIn(data).map(async (stream) =>
      revision === undefined ? this.newest(reactionId, stream) : this.causedBy(reactionId, stream, revision),
    );
    return (await Promise.all(found)).flat();
  }

  /** Events of one cause that stand together, around one of them. A command that takes several steps has one cause. */
  private async causedBy(causationId: string, stream: string, revision: number): Promise<StoredEvent[]> {
    const before = await this.whileOf(causationId, stream, revision, 'backwards');
    return before.length > 0 ? [...before, ...(await this.whileOf(causationId, stream, revision + 1, 'forwards'))] : [];
  }

  private async whileOf(
    causationId: string,
    stream: string,
    start: number,
    direction: Direction,
  ): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for (let from = start; from >= 0;) {
      const page = await this.log.store.readStream(stream, { from, direction, limit: TOGETHER });
      const others = page.findIndex(({ metadata }) => metadata['causationId'] !== causationId);
      const own = others < 0 ? page : page.slice(0, others);
      events.push(...own.map((event) => this.log.registry.decode(event)));
      if (own.length < TOGETHER) break;
      from = own.at(-1)!.revision + (direction === 'forwards' ? 1 : -1);
    }
    return events;
  }

  private async newest(causationId: string, stream: string): Promise<StoredEvent[]> {
    const events = await this.log.store.readStream(stream, { direction: 'backwards', limit: RECENT });
    const own = events.filter(({ metadata }) => metadata['causationId'] === causationId);
    return own.map((event) => this.log.registry.decode(event));
  }
}

const isEndOf = ({ reaction }: Settled, { revision }: StoredEvent): boolean => reaction === revision;

const streamsNamedIn = (data: object): string[] =>
  idsIn(data).flatMap(([member, id]) => (NAMED.get(member) ?? []).map((aggregate) => streamOf(aggregate, id)));
