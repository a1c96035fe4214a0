import type { CommandClass, CommandContext, RevisedCommand } from '../commands';
import type { JsonObject } from '../json';
import { messageOf } from '../message-of';
import { problemTypes, Rejected } from '../rejection';
import { backOff } from '../back-off';
import type { Unsettled } from './instance';
import type { AnyProcess, CommandResult } from './process';
import type { StoredCommand } from './process.events';
import type { Scheduler } from './scheduler';

/** Hands a command to its handler. Rejects with `Rejected`, which is an answer, or with anything else, which is none. */
export type Execute = (command: RevisedCommand) => Promise<{ readonly revision: number }>;

export interface DispatcherServices {
  readonly execute: Execute;
  readonly scheduler: Scheduler;
  /** Keyed hash of a text. */
  readonly payloadHash: (text: string) => string;
  readonly processOf: (stream: string) => AnyProcess;
  /** The oldest reaction of the instance whose commands have not ended; null: none. */
  readonly firstUnsettled: (stream: string) => Promise<Unsettled | null>;
  /** Stores how the commands of the reaction at `revision` ended. */
  readonly settle: (stream: string, revision: number, results: readonly CommandResult[]) => Promise<void>;
  /** So many commands at once, each of another instance. */
  readonly concurrency: number;
  readonly warn: (message: string) => void;
}

/** A command that got no answer yet and is issued again. */
export interface RetriedCommand {
  readonly stream: string;
  /** Revision of the reaction, and the command's place in it. */
  readonly place: string;
  readonly tries: number;
  readonly error: string;
}

/** One instance in the dispatcher: it is here once, so that no two of its commands are ever issued at once. */
class Turn {
  /** Of the reaction whose commands are being issued. */
  revision = -1;
  results: CommandResult[] = [];
  tries = 0;
  error = '';
  /** The instance has reacted since the dispatcher looked for its oldest unsettled reaction. */
  again = false;

  constructor(readonly stream: string) {}

  begin(revision: number): void {
    if (this.revision === revision) return;
    this.revision = revision;
    this.results = [];
    this.tries = 0;
  }
}

/**
 * Issues the commands that reactions have stored: those of one instance in order and one at a time, those of different
 * instances side by side. What is in here is only a list of streams; the commands are read from the instances when it is their
 * turn. A command that gets no answer is issued again, with the same id, until it gets one.
 */
export class CommandDispatcher {
  private readonly turns = new Map<string, Turn>();
  private ready: Turn[] = [];
  private readonly retrying = new Map<Turn, () => void>();
  private readonly running = new Set<Promise<void>>();
  private started = false;
  private stopped = false;

  constructor(private readonly services: DispatcherServices) {}

  /** Issues nothing before; who is woken earlier waits. */
  start(): void {
    if (this.started) return;
    this.started = true;
    this.pump();
  }

  /** The instance has, or may have, commands to issue. */
  wake(stream: string): void {
    if (this.stopped) return;
    const turn = this.turns.get(stream);
    if (turn) {
      turn.again = true;
      return;
    }
    const entering = new Turn(stream);
    this.turns.set(stream, entering);
    this.ready.push(entering);
    this.pump();
  }

  get inFlight(): number {
    return this.running.size;
  }

  /** Instances that wait until one of the commands in flight has ended. */
  get waiting(): number {
    return this.ready.length;
  }

  get retried(): RetriedCommand[] {
    return Array.from(this.retrying.keys(), ({ stream, revision, results, tries, error }) => ({
      stream,
      place: `${revision}/${results.length}`,
      tries,
      error,
    }));
  }

  /** Issues nothing more, and resolves when the commands in flight have ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.ready = [];
    for (const cancel of this.retrying.values()) cancel();
    await Promise.all(this.running);
  }

  private pump(): void {
    while (this.started && this.running.size < this.services.concurrency && this.ready.length > 0) {
      const turn = this.ready.shift() as Turn;
      const running = this.take(turn).catch((error: unknown) => this.later(turn, 'Its work', error));
      this.running.add(running);
      void running.then(() => {
        this.running.delete(running);
        this.pump();
      });
    }
  }

  private async take(turn: Turn): Promise<void> {
    const { firstUnsettled, settle } = this.services;
    turn.again = false;
    const reaction = await firstUnsettled(turn.stream);
    if (reaction) {
      turn.begin(reaction.revision);
      if (!(await this.issueAll(turn, reaction))) return;
      await settle(turn.stream, reaction.revision, turn.results);
    }
    if (turn.again && !this.stopped) this.ready.push(turn);
    else this.turns.delete(turn.stream);
  }

  /** False when a command got no answer and the turn comes again; the commands before it keep their answers. */
  private async issueAll(turn: Turn, reaction: Unsettled): Promise<boolean> {
    const { results, stream } = turn;
    const { commands } = reaction;
    for (let n = results.length; n < commands.length; n++) {
      if (this.stopped) return false;
      const command = commands[n] as StoredCommand;
      try {
        const { revision } = await this.services.execute(this.commandOf(stream, reaction, command));
        if (typeof revision !== 'number') throw new TypeError(`The handler of ${command.name} answers no revision.`);
        results.push({ name: command.name, outcome: 'done', revision });
        turn.tries = 0;
      } catch (error) {
        if (!isRejection(error)) {
          this.later(turn, command.name, error);
          return false;
        }
        const details = JSON.parse(JSON.stringify(error.details)) as JsonObject;
        results.push({ name: command.name, outcome: 'rejected', code: error.code, details });
        for (const { name } of commands.slice(n + 1)) results.push({ name, outcome: 'skipped' });
        return true;
      }
    }
    return true;
  }

  private commandOf(stream: string, reaction: Unsettled, { id, name, data, notAfter }: StoredCommand): RevisedCommand {
    const { processOf, payloadHash } = this.services;
    const process = processOf(stream);
    const commandClass = process.commands.find((known) => known.name === name) as unknown as
      CommandClass<JsonObject> | undefined;
    if (!commandClass) throw new Error(`Process ${process.name} has stored ${name}, which is not among its commands.`);
    const context: CommandContext = {
      commandId: id,
      payloadHash: payloadHash(`${name} ${JSON.stringify(data)}`),
      correlationId: reaction.correlationId,
      causationId: reaction.eventId,
      actor: { kind: 'process', id: process.name },
      occurredAt: reaction.occurredAt,
      ...(reaction.traceparent && { traceparent: reaction.traceparent }),
      notAfter,
    };
    return new commandClass(context, data);
  }

  private later(turn: Turn, what: string, error: unknown): void {
    if (this.stopped) return;
    turn.error = messageOf(error);
    if (turn.tries === 0)
      this.services.warn(`${what} of ${turn.stream} got no answer and is tried again: ${turn.error}`);
    const again = () => {
      this.retrying.delete(turn);
      this.ready.push(turn);
      this.pump();
    };
    this.retrying.set(turn, this.services.scheduler.after(backOff(turn.tries++), again));
  }
}

/** An answer; one that says "not now" (5xx) is none. */
const isRejection = (error: unknown): error is Rejected =>
  error instanceof Rejected && (problemTypes.get(error.code)?.status ?? 400) < 500;
