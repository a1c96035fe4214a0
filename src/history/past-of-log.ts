import { streamOf, type Aggregate } from '../kernel/aggregate';
import type { Loaded } from '../kernel/aggregates';
import type { DomainEvent } from '../kernel/events';
import { InvalidInstant, type Instant } from '../kernel/instant';
import { Past, type PastDocument } from '../kernel/past';
import type { Projection } from '../kernel/read-models/projection';
import { documentSteps } from './document-steps';
import { foldOfAggregate } from './folds/stream-fold';
import { eventAt, REQUEST_MS, settle } from './instant';
import type { HistoryLog } from './source';
import { StreamStates } from './stream-states';

/** The past, read from the log: an aggregate from its stream, a document from the streams that its key names. */
export class PastOfLog extends Past {
  private readonly states: StreamStates;

  constructor(private readonly log: HistoryLog) {
    super();
    this.states = new StreamStates(log);
  }

  override settle(instant: Instant): Promise<Instant> {
    return settle(this.log.store, instant, REQUEST_MS);
  }

  override async state<S, E extends DomainEvent>(
    aggregate: Aggregate<S, E>,
    id: string,
    instant: Instant,
  ): Promise<Loaded<S>> {
    const stream = streamOf(aggregate.name, id);
    if (instant.kind === 'revision') await eventAt(this.log.store, stream, instant.revision);
    const { state, newest } = await this.states.at(foldOfAggregate(aggregate), stream, instant);
    return { state, revision: newest?.revision ?? -1, position: newest?.position ?? null };
  }

  override async document<D extends object>(
    projection: Projection<D>,
    id: string,
    instant: Instant,
    now: D | null,
  ): Promise<PastDocument<D>> {
    if (instant.kind === 'revision')
      throw new InvalidInstant(`${projection.name} comes from several streams; give a time or a position.`);
    const last = (await documentSteps(this.log, projection, id, instant, now)).at(-1);
    return { document: last?.after ?? null, position: last?.event.position ?? null };
  }
}
