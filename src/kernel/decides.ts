import { Inject, type Type } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Aggregates, Changed } from './aggregates';
import type { Command, CommandContext } from './commands';
import type { DomainEvent } from './events';

/** Members of a command's data that may hold the id of what it changes. */
type IdIn<D> = { readonly [K in keyof D & string]: D[K] extends string ? K : never }[keyof D & string];

/**
 * The handler of a command that is decided on the state of one aggregate and its own data, and needs nothing else:
 * `decides(ConfirmOrder, Orders, 'orderId', confirmOrder)`. `id`: the member of its data that says which.
 */
export function decides<D extends object, S, E extends DomainEvent>(
  command: new (context: CommandContext, data: D) => Command<D, Changed<S>>,
  aggregates: Type<Aggregates<S, E>>,
  id: NoInfer<IdIn<D>>,
  decide: (state: S, data: NoInfer<D>) => readonly E[],
): Type<ICommandHandler<Command<D, Changed<S>>>> {
  @CommandHandler(command)
  class Deciding implements ICommandHandler<Command<D, Changed<S>>> {
    constructor(@Inject(aggregates) private readonly aggregates: Aggregates<S, E>) {}

    execute(command: Command<D, Changed<S>>): Promise<Changed<S>> {
      const { data } = command;
      return this.aggregates.change(command, data[id] as string, { decide: (state) => decide(state, data) });
    }
  }
  Object.defineProperty(Deciding, 'name', { value: `${command.name}Handler` });
  return Deciding;
}
