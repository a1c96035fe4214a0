import Type from 'typebox';
import { partsOf, streamOf, type Aggregate } from './aggregate';
import { Aggregates, type WritePath } from './aggregates';
import { backOff } from './back-off';
import { Command, type CommandContext } from './commands';
import { defineEvents, v1, type EventOf } from './event-definitions';
import type { DomainEvent } from './events';
import { newId } from './ids';
import { Rejected } from './rejection';
import { pause } from './waiting';
import { ABANDONED, CLAIM_LOST } from './write-path/mark.events';

export const claimEvents = defineEvents('claim', {
  /**
   * The newest one holds. The stream is named by a keyed hash of scope and name; nothing of the name is stored. `ownerRevision`: the
   * owner's stream as the command that claims has seen it, -1 where it does not exist yet (the first release did not say). `claimedAt`
   * (ISO 8601, UTC) is by the clock of who claims, and decides nothing.
   */
  Claimed: v1({
    scope: Type.String(),
    ownerStream: Type.String(),
    ownerRevision: Type.Optional(Type.Integer({ minimum: -1 })),
    claimedAt: Type.String(),
  }),
});
export type ClaimEvent = EventOf<typeof claimEvents>;

export interface Claim {
  readonly ownerStream: string | null;
  /** null: not known. */
  readonly ownerRevision: number | null;
}

/** Who has a name. */
export const claim: Aggregate<Claim, ClaimEvent> = {
  name: 'claim',
  stateVersion: 2,
  initial: { ownerStream: null, ownerRevision: null },
  events: claimEvents,
  evolve: (_, { data }) => ({ ownerStream: data.ownerStream, ownerRevision: data.ownerRevision ?? null }),
};

/** Something whose names are unique: skus, slugs, e-mail addresses, coupon codes. */
export interface ClaimScope<S = never> {
  readonly name: string;
  /** Name of the aggregate that has these names, and all of its kind. */
  readonly aggregate: string;
  readonly owners: Pick<Aggregates<S, DomainEvent>, 'get' | 'change'>;
  /** Whether an owner in this state has the name; a claim counts only then. */
  has(state: S, name: string, claimId: string): boolean;
  /** What a second one who wants the name is told. */
  taken(name: string): Rejected;
}

/** A name that a command takes for the owner that it changes. */
export interface WantedName<S = never> {
  readonly scope: ClaimScope<S>;
  readonly name: string;
}

/**
 * So long a name is left to a command that has claimed it and may be about to use it, by the monotonic clock of who waits. Most take
 * some milliseconds. Who takes longer loses the name and is refused, so no more than politeness depends on this.
 */
const PATIENCE_MS = 2_000;

/**
 * A step of a command that takes a name: on the claim, or on the stream of who had claimed it before. It is new at every try,
 * because the name may have gone to someone else since the last one; and the If-Match of that command is about the owner.
 */
class TakeName extends Command {
  static for({ context: { ifMatch: _, ...context } }: Command, more: Partial<CommandContext> = {}): TakeName {
    return new TakeName({ ...context, ...more, commandId: newId() }, {});
  }
}

/**
 * Uniqueness of a name within a scope, without a table that two writers could both believe: one stream per name.
 *
 * A claim is made for one revision of the owner's stream: the command that made it appends there, or nowhere. So once the stream has
 * moved on, the claim counts for as long as the owner's state says the name, and the name is free when it does not. While the stream
 * stands where it was, the command may be about to use the name: whoever wants it waits for a moment, and then moves that stream
 * by a mark, at a revision at which its owner does not have the name. A command that comes later still is decided again, which
 * means claiming again. As the claim is taken at its exact revision after that, never two owners have a name, whatever their clocks
 * say and however late anything arrives.
 */
export class Claims {
  private readonly claims: Aggregates<Claim, ClaimEvent>;

  /** `idOf` gives the claim's UUID: a keyed hash of scope and name. */
  constructor(
    path: WritePath,
    private readonly idOf: (scope: string, name: string) => string,
    private readonly patienceMs = PATIENCE_MS,
  ) {
    this.claims = new Aggregates(path, claim);
  }

  /** The UUID of the claim on a name: an owner whose name is personal keeps this in place of the name. */
  claimIdOf({ name: scope }: Pick<ClaimScope, 'name'>, name: string): string {
    return this.idOf(scope, name);
  }

  /**
   * Takes the names for an owner, before its state says so. They are taken one after another and always in the same order, so that
   * no two who want the same ones wait for each other. @throws what `scope.taken` gives
   */
  async claim<S>(command: Command, ownerId: string, wanted: readonly WantedName<S>[]): Promise<void> {
    const until = performance.now() + this.patienceMs;
    const inOrder = wanted
      .map(({ scope, name }) => ({ scope, name, claimId: this.claimIdOf(scope, name) }))
      .sort((a, b) => (a.claimId < b.claimId ? -1 : 1));
    for (const { scope, name, claimId } of inOrder) {
      const ownerStream = streamOf(scope.aggregate, ownerId);
      // Before the claim: what the owner's stream comes to afterwards is not what this command is decided on.
      const own = await scope.owners.get(ownerId);
      await this.claims.change(TakeName.for(command), claimId, {
        fetchFor: async (seen) => {
          if (seen.ownerStream !== null && seen.ownerStream !== ownerStream)
            await this.untilFree(command, scope, name, claimId, seen, until);
        },
        decide: (seen) => {
          // Only a name that the owner has already needs no new claim: one that it is about to use must be at its newest revision,
          // and whoever is about to take it over must find that the claim has moved.
          if (seen.ownerStream === ownerStream && scope.has(own.state, name, claimId)) return [];
          const claimedAt = command.context.occurredAt;
          return [
            { type: 'Claimed', data: { scope: scope.name, ownerStream, ownerRevision: own.revision, claimedAt } },
          ];
        },
      });
    }
  }

  /** Id of the owner that has the name now, or null. */
  async ownerOf<S>(scope: ClaimScope<S>, name: string): Promise<string | null> {
    const claimId = this.claimIdOf(scope, name);
    const { ownerStream } = (await this.claims.get(claimId)).state;
    if (ownerStream === null) return null;
    const { id } = partsOf(ownerStream);
    return scope.has((await scope.owners.get(id)).state, name, claimId) ? id : null;
  }

  /** Returns when the command that has made this claim can't use it any more. @throws what `scope.taken` gives */
  private async untilFree<S>(
    command: Command,
    scope: ClaimScope<S>,
    name: string,
    claimId: string,
    { ownerStream, ownerRevision }: Claim,
    until: number,
  ): Promise<void> {
    const { id } = partsOf(ownerStream as string);
    for (let tries = 0; ; tries++) {
      const { state, revision } = await scope.owners.get(id);
      if (scope.has(state, name, claimId)) throw scope.taken(name);
      if (ownerRevision !== null && revision > ownerRevision) return;
      if (performance.now() < until) await pause(backOff(tries, WAITS));
      else if (await this.mark(command, scope, id, revision, (state) => scope.has(state, name, claimId))) return;
    }
  }

  /** Moves a stream that has not used its claim, or makes sure that it never comes to be. False: something came before that. */
  private async mark<S>(
    command: Command,
    { owners }: ClaimScope<S>,
    id: string,
    revision: number,
    hasName: (state: S) => boolean,
  ): Promise<boolean> {
    const type = revision < 0 ? ABANDONED : CLAIM_LOST;
    const asked = TakeName.for(command, { ifMatch: revision });
    try {
      const decide = (state: S): DomainEvent[] => (hasName(state) ? [] : [{ type, data: {} }]);
      return (await owners.change(asked, id, { decide })).outcome === 'appended';
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      if (error.code === 'creation-abandoned') return true;
      if (error.code === 'precondition-failed') return false;
      throw error;
    }
  }
}

const WAITS = { first: 5, longest: 100 };
