import type { Actor } from '../../kernel/events';
import { idsOf, type Principal } from '../../kernel/http/principal';
import type { Step } from '../stream-history';
import { differenceView, eventView } from '../views';
import type { ActorDto, ChangeDto } from './history.dto';

/** A change as those see it whose thing it is. `actorView`: what they may know of who did it. */
export function changeView({ event, changes }: Step, actorView: (actor: Actor) => ActorDto): ChangeDto {
  const { position, type, recordedAt, occurredAt, actor } = eventView(event);
  return {
    position,
    type,
    recordedAt,
    occurredAt,
    actor: actorView(actor),
    changes: changes.map(differenceView),
  };
}

/** Who it was, for those who help others or act for the shop. */
export const anyActor = (actor: Actor): ActorDto => actor;

/** Who it was, if it was oneself or no person; of other people only that it was one. */
export const ownActor =
  (principal: Principal) =>
  ({ kind, id }: Actor): ActorDto => {
    const isPerson = kind === 'account' || kind === 'guest';
    return isPerson && !idsOf(principal).includes(id) ? { kind } : { kind, id };
  };
