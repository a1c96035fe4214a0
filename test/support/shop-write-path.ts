import type { Type } from '@nestjs/common';
import { catalogEvents } from '#src/catalog/catalog.events';
import { inventoryEvents } from '#src/inventory/inventory.events';
import { WritePath } from '#src/kernel/aggregates';
import { claimEvents } from '#src/kernel/claims';
import { SystemClock, type Clock } from '#src/kernel/clock';
import type { Command, CommandContext } from '#src/kernel/commands';
import { EventRegistry } from '#src/kernel/event-definitions';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { newId } from '#src/kernel/ids';
import { markEvents } from '#src/kernel/write-path/mark.events';

/** The write path of catalogue and inventory on a store, without the rest of the application. */
export class ShopWritePath extends WritePath {
  override readonly registry = new EventRegistry([catalogEvents, inventoryEvents, claimEvents, markEvents]);
  readonly warnings: string[] = [];

  constructor(
    override readonly store: EventStore,
    override readonly clock: Clock = new SystemClock(),
  ) {
    super({ commandsPerHour: null });
  }
  override warn(message: string): void {
    this.warnings.push(message);
  }
}

/** A command as a client's request gives it: `commandOf(CreateProduct, { … })`; the same `commandId` makes it a repeat. */
export function commandOf<D extends object, C extends Command<D>>(
  type: new (context: CommandContext, data: D) => C,
  data: D,
  context: Partial<CommandContext> = {},
): C {
  const commandId = context.commandId ?? newId();
  return new type(
    {
      commandId,
      payloadHash: 'hash',
      correlationId: commandId,
      causationId: commandId,
      actor: { kind: 'account', id: 'ann' },
      occurredAt: new Date().toISOString(),
      ...context,
    },
    data,
  );
}

/** What carries such a command out, of the handlers of its context. */
export function handlerOf<D extends object, R>(
  handlers: readonly Type[],
  command: new (context: CommandContext, data: D) => Command<D, R>,
  ...services: readonly unknown[]
): { execute(command: Command<D, R>): Promise<R> } {
  const handler = handlers.find(({ name }) => name === `${command.name}Handler`);
  if (!handler) throw new Error(`Nobody handles ${command.name}.`);
  return new handler(...services);
}
