import Type from 'typebox';
import type { Aggregate } from '#src/kernel/aggregate';
import { Aggregates, WritePath } from '#src/kernel/aggregates';
import { SystemClock, type Clock } from '#src/kernel/clock';
import { Command, type CommandContext } from '#src/kernel/commands';
import { defineEvents, EventRegistry, v1, type EventOf } from '#src/kernel/event-definitions';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { newId } from '#src/kernel/ids';
import { rejections } from '#src/kernel/rejection';
import { claimEvents } from '#src/kernel/claims';
import { markEvents } from '#src/kernel/write-path/mark.events';

/** A money box: the smallest aggregate that can say no. */
export const boxEvents = defineEvents('box', {
  CoinsAdded: v1({ coins: Type.Integer() }),
  CoinsTaken: v1({ coins: Type.Integer() }),
});
export type BoxEvent = EventOf<typeof boxEvents>;

export interface Box {
  readonly coins: number;
}

export const notEnough = rejections({
  'box-not-enough': [409, 'There are not so many coins in the box.'],
  'box-unknown': [404, 'There is no such box.'],
});

export const box: Aggregate<Box, BoxEvent> = {
  name: 'box',
  stateVersion: 1,
  initial: { coins: 0 },
  events: boxEvents,
  evolve: ({ coins }, { type, data }) => ({ coins: type === 'CoinsAdded' ? coins + data.coins : coins - data.coins }),
};

export const add = (coins: number) => (): BoxEvent[] => [{ type: 'CoinsAdded', data: { coins } }];

export const take =
  (coins: number) =>
  (box: Box): BoxEvent[] => {
    if (box.coins < coins) throw notEnough('box-not-enough', { coins: box.coins });
    return coins === 0 ? [] : [{ type: 'CoinsTaken', data: { coins } }];
  };

class BoxCommand extends Command {}

/** A command as a client's request gives it; the same `commandId` makes it a repeat. */
export function command(context: Partial<CommandContext> = {}): Command {
  const commandId = context.commandId ?? newId();
  return new BoxCommand(
    {
      commandId,
      payloadHash: 'hash',
      correlationId: commandId,
      causationId: commandId,
      actor: { kind: 'account', id: 'ann' },
      occurredAt: new Date().toISOString(),
      ...context,
    },
    {},
  );
}

export class TestWritePath extends WritePath {
  override readonly registry = new EventRegistry([boxEvents, claimEvents, markEvents]);
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

export const boxesOn = (store: EventStore, clock?: Clock): Aggregates<Box, BoxEvent> =>
  new Aggregates(new TestWritePath(store, clock), box);
