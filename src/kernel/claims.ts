import Type from 'typebox';
import { partsOf, type Aggregate } from './aggregate';
import { Aggregates, type WritePath } from './aggregates';
import { Command } from './commands';
import { defineEvents, v1, type EventOf } from './event-definitions';
import { WrongExpectedRevision } from './event-store/event-store';
import { newId } from './ids';
import type { JsonObject } from './json';
import type { Rejected } from './rejection';
import { ABANDONED } from './write-path/abandoned.events';

export const claimEvents = defineEvents('claim', {
  /** The newest one holds. The stream is named by a keyed hash of scope and name; nothing of the name is stored. */
  Claimed: v1({ scope: Type.String(), ownerStream: Type.String(), claimedAt: Type.String() }),
});
export type ClaimEvent = EventOf<typeof claimEvents>;

export interface Claim {
  readonly ownerStream: string | null;
  /** ISO 8601, UTC. */
  readonly claimedAt: string;
}

/** Who has a name. */
export const claim: Aggregate<Claim, ClaimEvent> = {
  name: 'claim',
  stateVersion: 1,
  initial: { ownerStream: null, claimedAt: '' },
  events: claimEvents,
  evolve: (_, { data }) => ({ ownerStream: data.ownerStream, claimedAt: data.claimedAt }),
};

/** Something whose names are unique: skus, slugs, e-mail addresses, coupon codes. */
export interface ClaimScope {
  readonly name: string;
  /** Whether the state of this owner names it now; a claim counts only then. `missing`: the owner was never created. */
  standing(ownerId: string, name: string, claimId: string): Promise<'named' | 'not-named' | 'missing'>;
  /** What a second one who wants the name is told. */
  taken(name: string): Rejected;
}

/**
 * So long a claim is left to the command that made it, even while its owner does not name it (yet). It is longer than any
 * command takes, so that nobody takes a name over from a command that is about to use it.
 */
const GRACE_MS = 30_000;

/**
 * Taking a name, as a part of another command. It is asked anew at every try of that command, because the name may have gone to
 * someone else since the last one; and the If-Match of that command is about the owner, not about the claim.
 */
class TakeName extends Command {
  static for({ context: { ifMatch: _, ...context } }: Command): TakeName {
    return new TakeName({ ...context, commandId: newId() }, {});
  }
}

/** Uniqueness of a name within a scope, without a table that two writers could both believe: one stream per name. */
export class Claims {
  private readonly claims: Aggregates<Claim, ClaimEvent>;

  /** `idOf` gives the claim's UUID: a keyed hash of scope and name. */
  constructor(
    private readonly path: WritePath,
    private readonly idOf: (scope: string, name: string) => string,
  ) {
    this.claims = new Aggregates(path, claim);
  }

  /** The UUID of the claim on a name: an owner whose name is personal keeps this in place of the name. */
  claimIdOf(scope: ClaimScope, name: string): string {
    return this.idOf(scope.name, name);
  }

  /** Takes the name for `ownerStream`, before that stream says so itself. @throws what `scope.taken` gives */
  async claim(command: Command, scope: ClaimScope, name: string, ownerStream: string): Promise<void> {
    const claimId = this.claimIdOf(scope, name);
    const now = this.path.clock.now();
    await this.claims.change(TakeName.for(command), claimId, {
      fetchFor: async (seen) => {
        if (seen.ownerStream === null || seen.ownerStream === ownerStream) return;
        if (!(await this.mayTakeOver(command, scope, name, claimId, seen, now))) throw scope.taken(name);
      },
      decide: (state) => {
        // An owner that claims its own name anew renews the time for which the name is left to it.
        if (state.ownerStream === ownerStream && isRecent(state, now)) return [];
        return [{ type: 'Claimed', data: { scope: scope.name, ownerStream, claimedAt: now.toISOString() } }];
      },
    });
  }

  /** Id of the owner that has the name now, or null. */
  async ownerOf(scope: ClaimScope, name: string): Promise<string | null> {
    const claimId = this.claimIdOf(scope, name);
    const { state } = await this.claims.get(claimId);
    if (state.ownerStream === null) return null;
    const { id } = partsOf(state.ownerStream);
    return (await scope.standing(id, name, claimId)) === 'named' ? id : null;
  }

  private async mayTakeOver(
    command: Command,
    scope: ClaimScope,
    name: string,
    claimId: string,
    { ownerStream, claimedAt }: Claim,
    now: Date,
  ): Promise<boolean> {
    const former = ownerStream as string;
    const standing = await scope.standing(partsOf(former).id, name, claimId);
    if (standing === 'named' || isRecent({ claimedAt }, now)) return false;
    return standing === 'not-named' || this.abandon(command, former);
  }

  /** Makes sure that a stream that does not exist never will. False when it came into being meanwhile. */
  private async abandon(command: Command, stream: string): Promise<boolean> {
    const { commandId, payloadHash, correlationId, causationId, actor, occurredAt } = command.context;
    const metadata: JsonObject = {
      v: 1,
      commandId,
      payloadHash,
      correlationId,
      causationId,
      actor: { ...actor },
      occurredAt,
    };
    const event = { id: newId(), type: ABANDONED, data: {}, metadata };
    try {
      await this.path.store.append(stream, 'no_stream', [event]);
      return true;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      const [first] = await this.path.store.readStream(stream, { limit: 1 });
      return first?.type === ABANDONED;
    }
  }
}

const isRecent = ({ claimedAt }: Pick<Claim, 'claimedAt'>, now: Date): boolean =>
  Date.parse(claimedAt) > now.getTime() - GRACE_MS;
