import { streamOf, type Aggregate } from '#src/kernel/aggregate';
import type { DomainEvent, StoredEvent } from '#src/kernel/events';
import { refused } from '#src/kernel/write-path/problems';
import { stored } from './given-projection';

/** Streams, folded and decided as the write path does it: a repeat is done already, an expired command is refused. */
export class FoldedStreams {
  readonly log: StoredEvent[] = [];
  private readonly states = new Map<string, unknown>();
  private readonly done = new Set<string>();

  constructor(private readonly now: () => string) {}

  get<S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string): S {
    return (this.states.get(streamOf(aggregate.name, id)) ?? aggregate.initial) as S;
  }

  change<S, E extends DomainEvent>(
    aggregate: Aggregate<S, E>,
    id: string,
    command: { id: string; notAfter?: string },
    decide: (state: S) => readonly E[],
  ): void {
    const stream = streamOf(aggregate.name, id);
    const key = `${stream} ${command.id}`;
    if (this.done.has(key)) return;
    if (command.notAfter !== undefined && this.now() > command.notAfter) throw refused('command-expired');
    const events = decide(this.get(aggregate, id));
    if (events.length > 0) this.done.add(key);
    for (const event of events) {
      this.states.set(stream, aggregate.evolve(this.get(aggregate, id), event));
      this.log.push(stored({ ...event, stream, recordedAt: this.now() }, this.log.length));
    }
  }
}
