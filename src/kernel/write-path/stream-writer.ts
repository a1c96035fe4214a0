import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandContext } from '../commands';
import { WrongExpectedRevision, type EventStore } from '../event-store/event-store';
import type { DomainEvent, NewEvent } from '../events';
import type { Position } from '../position';
import type { Json } from '../json';
import { Rejected } from '../rejection';
import { sizeOf } from '../size-of';
import type { FoundCommand } from './command-table';
import { decideTurn, type Decide, type Decided, type DeciderServices, type Outcome, type Waiting } from './decide-turn';
import { at, explained } from './explained';
import { foldStored, type Folded } from './folded';
import type { Folding } from './folding';
import { refused } from './problems';
import { PastStates } from './past-states';
import { QueueHold } from './queue-hold';
import type { Slices } from './slices';
import type { Snapshots } from './snapshots';
import { StreamSnapshots } from './stream-snapshots';

const MAX_TRIES = 12;
/** A writer without a state. */
const OWN_BYTES = 1_500;
/** By about so much an event makes a state larger, until that is measured again. */
const STATE_BYTES_OF_AN_EVENT = 256;
/** A state that has grown by less than so many bytes is not measured again: to measure costs as much as to decide. */
const LEAST_GROWN = 16 * STATE_BYTES_OF_AN_EVENT;

export interface WriterServices<S, E extends DomainEvent> extends DeciderServices<S, E> {
  readonly store: EventStore;
  readonly folding: Folding<S, E>;
  readonly snapshots: Snapshots<S>;
  readonly slices: Slices;
}

/**
 * The one place in this process where a stream is changed. Commands queue here; those that wait together are decided one
 * after another on the advancing state and appended as one batch at the exact revision. What was decided on a batch's state is
 * answered once the batch is stored, else decided again.
 */
export class StreamWriter<S, E extends DomainEvent> {
  private waiting: Waiting<S, E>[] = [];
  private running = false;
  private folded: Folded<S> | null = null;
  private loading: Promise<Folded<S>> | null = null;
  /** The state holds what the stream held at this moment, and maybe more. */
  private readAt = 0;
  private readonly snapshots: StreamSnapshots<S>;
  private past: PastStates<S> | null = null;
  private measured = { revision: -Infinity, bytes: 0 };
  /** The tail is read, and a turn is taken, one at a time: both fold into the same state. */
  private last: Promise<unknown> = Promise.resolve();
  private nextRead: Promise<unknown> | null = null;
  private readonly turns = new QueueHold();

  constructor(
    private readonly id: string,
    readonly stream: string,
    private readonly services: WriterServices<S, E>,
  ) {
    this.snapshots = new StreamSnapshots(id, services.snapshots);
  }

  /** About how many bytes it keeps in memory. The state is measured anew when it may be quite another one: the larger, the rarer. */
  get bytes(): number {
    const { folded, past } = this;
    if (!folded) return OWN_BYTES;
    const grown = () => Math.abs(folded.revision - this.measured.revision) * STATE_BYTES_OF_AN_EVENT;
    if (grown() >= Math.max(LEAST_GROWN, this.measured.bytes))
      this.measured = { revision: folded.revision, bytes: sizeOf(folded.state as Json) };
    return OWN_BYTES + this.measured.bytes + grown() + folded.window.bytes + (past?.bytes ?? 0);
  }

  /** The state as this process knows it; loaded when it does not. */
  known(): Folded<S> | Promise<Folded<S>> {
    return this.folded ?? (this.loading ??= this.load().finally(() => (this.loading = null)));
  }

  /** The state if it is known and at most `maxAgeMs` old; null: `fresh` reads it. */
  seen(maxAgeMs: number): Folded<S> | null {
    const isFresh = this.services.store.soleWriter || this.readAt >= performance.now() - maxAgeMs;
    return isFresh ? this.folded : null;
  }

  /** The state, at most `maxAgeMs` old where other processes append too. */
  async fresh(maxAgeMs: number): Promise<Folded<S>> {
    const askedAt = performance.now();
    const folded = await this.known();
    if (this.services.store.soleWriter || this.readAt >= askedAt - maxAgeMs) return folded;
    // One read, begun after they asked, serves all who ask.
    this.nextRead ??= this.alone(() => {
      this.nextRead = null;
      return this.readTail();
    });
    await this.nextRead;
    return this.known();
  }

  /** `askedAt` (of `performance.now()`): the command is decided on a state that the stream had then or later. */
  enqueue(context: CommandContext, askedAt: number, decide: Decide<S, E>): Promise<Outcome<S>> {
    return this.enter(context, askedAt, decide, (command) => this.waiting.push(command));
  }

  /**
   * Holds the queue while `work` looks up what it decides on: nothing else of this process is decided on the stream before it has put
   * its command first, by `enqueueFirst`. One at a time; who comes next begins when the command has been answered.
   */
  holding<T>(work: (enqueueFirst: StreamWriter<S, E>['enqueue']) => Promise<T>): Promise<T> {
    return this.turns.hold(
      () => this.alone(() => Promise.resolve()),
      (letGo) =>
        work((context, askedAt, decide) =>
          this.enter(context, askedAt, decide, (command) => {
            this.waiting.unshift(command);
            letGo();
          }),
        ),
    );
  }

  private enter(
    context: CommandContext,
    askedAt: number,
    decide: Decide<S, E>,
    put: (command: Waiting<S, E>) => void,
  ): Promise<Outcome<S>> {
    return new Promise((resolve, reject) => {
      put({ context, askedAt, decide, resolve, reject, tries: 0 });
      if (!this.running) void this.run();
    });
  }

  /** Whether the command, decided now as in its turn, appends something: it is only tried. */
  async wouldAppend(context: CommandContext, decide: Decide<S, E>): Promise<boolean> {
    const tried = { context, decide, askedAt: 0, tries: 0, resolve: () => undefined, reject: () => undefined };
    const { decided } = decideTurn([tried], await this.known(), this.services);
    for (const { answer } of decided) if ('error' in answer && !(answer.error instanceof Rejected)) throw answer.error;
    return decided.some(appends);
  }

  /**
   * The answer that a command got when it was done; null: it was not. A process is only told the revision then, with the state of now: it looks
   * at nothing else, and after a restart it issues hundreds of commands again. @throws Rejected when it asked for something else then. */
  repeatOf(context: CommandContext, folded: Folded<S>): Promise<Outcome<S>> | null {
    const done = folded.window.find(context.commandId);
    return done ? this.answerTo(context, done, folded) : null;
  }

  private async answerTo(context: CommandContext, done: FoundCommand, folded: Folded<S>): Promise<Outcome<S>> {
    if (!done.asksFor(context.payloadHash)) throw at(refused('idempotency-key-reused'), folded);
    const { revision } = done;
    const { state, position } = folded;
    if (context.actor.kind === 'process' || revision === folded.revision)
      return { state, revision, position, outcome: 'replayed' };
    this.past ??= new PastStates(this.id, this.services.folding, this.services.slices);
    return { ...(await this.past.at(revision)), outcome: 'replayed' };
  }

  private async load(): Promise<Folded<S>> {
    const startedAt = performance.now();
    const { folded, snapshot } = await this.services.folding.load(this.id);
    this.snapshots.last = snapshot;
    this.readAt = startedAt;
    return (this.folded = folded);
  }

  private alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work, work);
    this.last = result.catch(() => undefined);
    return result;
  }

  private async run(): Promise<void> {
    this.running = true;
    // One turn of the event loop's microtasks: commands that arrive together are decided together.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      if (this.turns.areHeld) await this.turns.free();
      const turn = this.waiting;
      this.waiting = [];
      try {
        await this.alone(() => this.turn(turn));
      } catch (error) {
        this.folded = null;
        const stillWaiting = new Set(this.waiting);
        for (const command of turn) if (!stillWaiting.has(command)) command.reject(error);
      }
    }
    this.running = false;
  }

  private async turn(commands: Waiting<S, E>[]): Promise<void> {
    const folded = await this.known();
    const { decided, repeats, undecided } = decideTurn(commands, folded, this.services);
    this.waiting.unshift(...undecided);
    for (const { context, resolve, reject } of repeats) this.repeatOf(context, folded)!.then(resolve, reject);
    const events = decided.flatMap(({ answer }) => ('events' in answer ? answer.events : []));
    if (events.length > 0) return this.store(decided, events, folded);
    if (decided.length === 0) return;
    if (!(await this.isNewest(decided, folded.revision))) return this.again(decided.map(({ command }) => command));
    for (const { command, answer } of decided) {
      if ('error' in answer) this.refuse(command, answer.error, folded);
      else this.resolve(command, folded, 'unchanged');
    }
  }

  /** Whether the state that was decided on was the newest when the commands came: without an append, only a read proves it. */
  private async isNewest(decided: readonly Decided<S, E>[], decidedAt: number): Promise<boolean> {
    if (this.services.store.soleWriter || decided.every(({ command }) => this.readAt >= command.askedAt)) return true;
    return (await this.readTail()) === decidedAt;
  }

  private async store(
    decided: readonly Decided<S, E>[],
    events: readonly NewEvent[],
    folded: Folded<S>,
  ): Promise<void> {
    const sentAt = performance.now();
    let position: Position;
    try {
      const expected = folded.revision < 0 ? 'no_stream' : folded.revision;
      // What can be done to settle an unknown outcome, the store has done.
      ({ position } = await this.services.store.append(this.stream, expected, events));
    } catch (error) {
      if (error instanceof WrongExpectedRevision) {
        await this.readTail();
        return this.again(decided.map(({ command }) => command));
      }
      // Whatever it was, the cached state proves nothing any more; who did not append is decided again.
      this.folded = null;
      const [appending, others] = partition(decided, appends);
      for (const { command } of appending) command.reject(error);
      return this.again(others.map(({ command }) => command));
    }
    for (const { command, answer } of decided) {
      if ('error' in answer) this.refuse(command, answer.error, { ...folded, position });
      else if (answer.events.length === 0) this.resolve(command, { ...folded, position }, 'unchanged');
      else {
        foldStored(folded, answer, position, this.services.now());
        this.resolve(command, folded, 'appended');
      }
    }
    this.readAt = sentAt;
    this.snapshots.offer(folded);
  }

  private resolve(
    command: Waiting<S, E>,
    { state, revision, position }: Folded<S>,
    outcome: Outcome<S>['outcome'],
  ): void {
    command.resolve({ state, revision, position, outcome });
  }

  private refuse(command: Waiting<S, E>, error: unknown, folded: Folded<S>): void {
    void explained(error, this.services.store, this.stream, folded).then(command.reject);
  }

  /** Reads what others appended; answers the revision that the stream is at then. */
  private async readTail(): Promise<number> {
    const startedAt = performance.now();
    const folded = await this.known();
    await this.services.folding.catchUp(this.id, folded);
    this.readAt = startedAt;
    return folded.revision;
  }

  private async again(commands: readonly Waiting<S, E>[]): Promise<void> {
    let most = 0;
    const next: Waiting<S, E>[] = [];
    for (const command of commands) {
      most = Math.max(most, ++command.tries);
      if (command.tries < MAX_TRIES) next.push(command);
      else command.reject(refused('too-many-conflicts'));
    }
    this.waiting.unshift(...next);
    if (most > 1) await sleep(Math.random() * 5 * most);
  }
}

const appends = <S, E>({ answer }: Decided<S, E>): boolean => 'events' in answer && answer.events.length > 0;

function partition<T>(list: readonly T[], test: (each: T) => boolean): [T[], T[]] {
  return [list.filter(test), list.filter((each) => !test(each))];
}
