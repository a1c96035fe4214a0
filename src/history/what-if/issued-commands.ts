import { streamOf } from '../../kernel/aggregate';
import type { StoredEvent } from '../../kernel/events';
import type { CommandResult } from '../../kernel/processes/process';
import type { Reacted, Settled } from '../../kernel/processes/process.events';
import type { Decision } from '../../decisions/decision';
import type { KnownStreams, StreamState } from './known-streams';

/** A command that a process has issued, as long as it is not known how all of its reaction ended. */
export interface Issued {
  readonly decision: Decision;
  readonly data: object;
  /** Which it is for. */
  readonly stream: string;
  /** The stream was in this state of its trail when the command was issued. */
  readonly since: number;
  /** Its events were seen. */
  isTaken: boolean;
}

/** A command that ended without an event. */
export interface Ended {
  readonly issued: Issued;
  readonly result: Exclude<CommandResult, { outcome: 'skipped' }>;
  /** The states that the stream had while the command was under way, the newest first. */
  readonly states: readonly StreamState[];
}

/** The states of a stream since the first command for it was issued that has not ended. */
interface Trail {
  readonly states: StreamState[];
  /** So many states before them are forgotten. */
  forgotten: number;
  waiting: number;
}

/** A trail holds so many states; where commands never end, it would grow for ever. */
const MOST_STATES = 10_000;

/**
 * The commands that processes issued: what each asked for, and on which states of its stream it may have been decided. A command that
 * was refused has left no event where it was decided, only its result in the stream of the process.
 */
export class IssuedCommands {
  private readonly byName: ReadonlyMap<string, Decision>;
  private readonly byId = new Map<string, Issued>();
  /** Ids of the commands of a reaction, in order; null: of one that nobody looks at. */
  private readonly reactions = new Map<string, readonly (string | null)[]>();
  private readonly trails = new Map<string, Trail>();

  constructor(
    decisions: readonly Decision[],
    private readonly streams: KnownStreams,
  ) {
    this.byName = new Map(
      decisions.flatMap((decision) => (decision.issued ? [[decision.issued.as, decision] as const] : [])),
    );
  }

  find(commandId: string): Issued | undefined {
    return this.byId.get(commandId);
  }

  reacted({ stream, revision, data }: StoredEvent): void {
    const ids = (data as Reacted).commands.map(({ id, name, data }) => {
      const decision = this.byName.get(name);
      if (!decision) return null;
      const target = streamOf(decision.aggregate, decision.issued!.to(data));
      this.byId.set(id, { decision, data, stream: target, since: this.follow(target), isTaken: false });
      return id;
    });
    if (ids.some((id) => id !== null)) this.reactions.set(`${stream}/${revision}`, ids);
  }

  /** The stream has come to another state. */
  moved(stream: string): void {
    const trail = this.trails.get(stream);
    if (!trail) return;
    trail.states.push(this.streams.at(stream));
    if (trail.states.length <= MOST_STATES) return;
    trail.states.shift();
    trail.forgotten++;
  }

  /** The commands of a reaction have ended: those of them that came to nothing that was stored in their streams. */
  settled({ stream, data }: StoredEvent): Ended[] {
    const { reaction, results } = data as Settled;
    const place = `${stream}/${reaction}`;
    const ids = this.reactions.get(place) ?? [];
    this.reactions.delete(place);
    return ids.flatMap((id, n): Ended[] => {
      if (id === null) return [];
      const issued = this.byId.get(id)!;
      this.byId.delete(id);
      const trail = this.leave(issued.stream);
      const result = results[n];
      if (issued.isTaken || !result || result.outcome === 'skipped') return [];
      return [{ issued, result, states: trail.states.slice(Math.max(0, issued.since - trail.forgotten)).reverse() }];
    });
  }

  /** Keeps the states of the stream from now on; answers the place of the present one. */
  private follow(stream: string): number {
    let trail = this.trails.get(stream);
    if (!trail) {
      trail = { states: [this.streams.at(stream)], forgotten: 0, waiting: 0 };
      this.trails.set(stream, trail);
    }
    trail.waiting++;
    return trail.forgotten + trail.states.length - 1;
  }

  private leave(stream: string): Trail {
    const trail = this.trails.get(stream)!;
    if (--trail.waiting === 0) this.trails.delete(stream);
    return trail;
  }
}
