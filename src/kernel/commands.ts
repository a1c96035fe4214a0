import type { Command as NestCommand } from '@nestjs/cqrs';
import type { Actor } from './events';
import { deriveId } from './ids';

/** Who issued a command, why, and under which identity a repeat of it is recognised. */
export interface CommandContext {
  /** A repeat of the command has the same id. */
  readonly commandId: string;
  /** Keyed hash of what is asked for; a repeat with another hash is refused. */
  readonly payloadHash: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly actor: Actor;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
  readonly traceparent?: string;
  /** ISO 8601, UTC: after this moment the command is refused (`command-expired`), so that no late repeat has an effect. */
  readonly notAfter?: string;
  /** The revision that the client saw (If-Match): another one is refused with 412. */
  readonly ifMatch?: number;
}

/** By which the bus knows what a command is answered with; nothing of it is there when the program runs. */
export interface Command<D extends object = object, R = unknown> extends NestCommand<R> {
  readonly data: D;
}

/** The intention to change something; `data` is plain, so that processes can store it. `R`: what it is answered with. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-unused-vars -- the bus's member is a type alone, and R is in it
export abstract class Command<D extends object = object, R = unknown> {
  constructor(
    readonly context: CommandContext,
    readonly data: D,
  ) {}

  /** The id of something that this command creates: the same at every try of the same command. */
  newId(name: string): string {
    return deriveId(this.context.commandId, name);
  }
}

/** A command that is answered with the revision that its stream has come to: what a process can issue. */
export type RevisedCommand = Command<object, { readonly revision: number }>;

/** The class of one; who knows its data only as JSON constructs it by `as CommandClass<JsonObject>`. */
export type CommandClass<D = never> = new (context: CommandContext, data: D) => RevisedCommand;
