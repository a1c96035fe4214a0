import type { Clock } from './clock';
import type { CommandContext } from './commands';
import { newId } from './ids';
import type { Secrets } from './secrets';

export interface SystemCommand {
  /** Which part of the shop issues it: `first-admin`, `demo`. */
  readonly issuer: string;
  /** What it asks for, as text: a repeat of the command that asks for something else is refused. */
  readonly asksFor: string;
  /** Default: a new one. A repeat of the command has the same. */
  readonly commandId?: string;
}

/** The context of a command that the shop issues by itself, neither for a request nor as a process. */
export function systemContext(
  { secrets, clock }: { secrets: Pick<Secrets, 'payloadHash'>; clock: Clock },
  { issuer, asksFor, commandId = newId() }: SystemCommand,
): CommandContext {
  return {
    commandId,
    payloadHash: secrets.payloadHash(asksFor),
    correlationId: commandId,
    causationId: commandId,
    actor: { kind: 'system', id: issuer },
    occurredAt: clock.now().toISOString(),
  };
}
