import {
  type AllStreamSubscription,
  binaryEvent,
  EventStoreDBClient,
  jsonEvent,
  type ResolvedEvent,
  type StreamSubscription,
} from '@eventstore/db-client';
import { newId } from '#src/kernel/ids';

/** A client; `dispose` of it lets the process end. */
export const connectTo = (url: string): EventStoreDBClient => EventStoreDBClient.connectionString(url);

export const newStream = (): string => `node-${newId()}`;

export const note = (text = '', type = 'Noted') => jsonEvent({ id: newId(), type, data: { text }, metadata: { v: 1 } });

export const notes = (count: number) => Array.from({ length: count }, (_, n) => note(String(n)));

export const binaryNote = (data: Uint8Array) => binaryEvent({ id: newId(), type: 'Noted', data });

/** All that a read gives. */
export async function collect(reading: AsyncIterable<ResolvedEvent>): Promise<NonNullable<ResolvedEvent['event']>[]> {
  const events: NonNullable<ResolvedEvent['event']>[] = [];
  for await (const { event } of reading) if (event) events.push(event);
  return events;
}

/** What a subscription tells, in order: ids of events, and `caught up`. */
export class Follower {
  readonly heard: string[] = [];
  private waiting: (() => void)[] = [];

  constructor(private readonly subscription: AllStreamSubscription | StreamSubscription) {
    subscription.on('data', ({ event }) => this.hear(event?.id ?? 'nothing'));
    subscription.on('caughtUp', () => this.hear('caught up'));
    subscription.on('error', (error) => this.hear(error.constructor.name));
  }

  hear(what: string): void {
    this.heard.push(what);
    for (const look of this.waiting.splice(0)) look();
  }

  /** Resolves when everything that it has heard so far is enough. */
  async until(enough: (heard: readonly string[]) => boolean): Promise<readonly string[]> {
    while (!enough(this.heard)) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.heard;
  }

  leave(): Promise<void> {
    return this.subscription.unsubscribe();
  }
}
