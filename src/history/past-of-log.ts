import { streamOf, type Aggregate } from '../kernel/aggregate';
import type { Loaded } from '../kernel/aggregates';
import type { DomainEvent } from '../kernel/events';
import { InvalidInstant, type Instant } from '../kernel/instant';
import { Past, type PastDocument } from '../kernel/past';
import type { Projection } from '../kernel/read-models/projection';
import { documentSteps } from './document-steps';
import { foldOfAggregate } from './folds/stream-fold';
import { eventAt, settle } from './instant';
import type { Questions } from './questions';
import { StreamStates } from './stream-states';

/** The past, read from the log: an aggregate from its stream, a document from the streams that its projection names for it. */
export class PastOfLog extends Past {
  private readonly states = new StreamStates();

  constructor(private readonly questions: Pick<Questions, 'begin'>) {
    super();
  }

  override settle(instant: Instant): Promise<Instant> {
    return settle(this.questions.begin().store, instant);
  }

  override async state<S, E extends DomainEvent>(
    aggregate: Aggregate<S, E>,
    id: string,
    instant: Instant,
  ): Promise<Loaded<S>> {
    const stream = streamOf(aggregate.name, id);
    const log = this.questions.begin();
    if (instant.kind === 'revision') await eventAt(log.store, stream, instant.revision);
    const { state, newest } = await this.states.at(log, foldOfAggregate(aggregate), stream, instant);
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
    const last = (await documentSteps(this.questions.begin(), projection, id, instant, now)).at(-1);
    return { document: last?.after ?? null, position: last?.event.position ?? null };
  }
}
