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

/** The intention to change something; `data` is plain, so that processes can store it. */
export abstract class Command<D extends object = object> {
  constructor(
    readonly context: CommandContext,
    readonly data: D,
  ) {}

  /** The id of something that this command creates: the same at every try of the same command. */
  newId(name: string): string {
    return deriveId(this.context.commandId, name);
  }
}

/** The class of some command; who knows its data only as JSON constructs it by `as CommandClass<JsonObject>`. */
export type CommandClass<D = never> = new (context: CommandContext, data: D) => Command;
