import { Injectable } from '@nestjs/common';
import { streamOf, type Aggregate } from '../../kernel/aggregate';
import type { Actor, DomainEvent } from '../../kernel/events';
import type { Json } from '../../kernel/json';
import { foldOfAggregate } from '../folds/stream-fold';
import { Questions } from '../questions';
import { StreamChanges } from '../stream-changes';
import type { ChangeList } from './change-list';
import { changeView } from './change-views';
import type { ActorDto, ChangeDto } from './history.dto';

export interface ChangesOf<S> {
  /** What the asker sees of a state, as the API answers it; null: nothing. */
  readonly view: (state: S) => object | null;
  readonly actorView: (actor: Actor) => ActorDto;
}

/** Changes of what the API answers, as differences of these answers. */
@Injectable()
export class ResourceChanges {
  private readonly changes: StreamChanges;

  constructor(questions: Questions) {
    this.changes = new StreamChanges(questions);
  }

  async of<S, E extends DomainEvent>(
    aggregate: Aggregate<S, E>,
    id: string,
    { view, actorView }: ChangesOf<S>,
  ): Promise<ChangeList<ChangeDto>> {
    const stream = streamOf(aggregate.name, id);
    const fold = foldOfAggregate(aggregate);
    const shown = (before: S, after: S) => [view(before) as Json, view(after) as Json] as const;
    return {
      name: stream,
      length: await this.changes.length(stream),
      read: async (first, last) => {
        const steps = await this.changes.between(fold, stream, [first, last], shown);
        return steps.map((step) => changeView(step, actorView));
      },
    };
  }
}
