import type { Clock } from './clock';
import { EventRegistry } from './event-definitions';
import { WrongExpectedRevision, type EventStore, type ExpectedRevision } from './event-store/event-store';
import type { Stored } from './events';
import { newId } from './ids';
import type { JsonObject } from './json';
import type { Secrets } from './secrets';
import { storeIdentityEvents, type StoreIdentityEvent } from './store-identity.events';

/** The one stream without an id: there is one store. */
export const STORE_IDENTITY_STREAM = 'storeIdentity';

/** Which store this is; changes when a backup is restored. Checkpoints, tokens and derived ids carry it. */
export abstract class StoreIdentity {
  abstract readonly storeId: string;
  /** What it was before backups were restored: what was stored for these is to be made anew. */
  abstract readonly previous: readonly string[];
}

/** What the store was at its first start: ids of what a shop has once, whatever is restored, are derived from it. */
export const originOf = ({ storeId, previous }: StoreIdentity): string => previous[0] ?? storeId;

/** The store was made with another secret than the one that this process was started with. */
export class WrongShopSecret extends Error {
  constructor() {
    super(
      'SHOP_SECRET (or the file shop-secret in the data folder) is not the secret that this event store was made with; start with that one.',
    );
    this.name = 'WrongShopSecret';
  }
}

const registry = new EventRegistry([storeIdentityEvents]);

/**
 * Which store this is. The first start writes it down; of several that start at once, all see what the first one wrote.
 * @throws WrongShopSecret when `secrets` are not those of the first start
 * @throws StoreUnavailable | OutcomeUnknown
 */
export async function openStoreIdentity(store: EventStore, secrets: Secrets, clock: Clock): Promise<StoreIdentity> {
  const known = (await read(store)) ?? (await identify(store, secrets, clock));
  if (known.secretCheck !== secrets.checkValue) throw new WrongShopSecret();
  return { storeId: known.storeId, previous: known.previous };
}

/**
 * Makes a store that was put back from a backup another store: read models rebuild, and nothing that was derived from the
 * lost part of its log can be made a second time. To be called once per restore, while nothing else writes.
 * @throws WrongShopSecret | StoreUnavailable | OutcomeUnknown
 */
export async function restoreStore(store: EventStore, secrets: Secrets, clock: Clock): Promise<StoreIdentity> {
  const { storeId: previousStoreId, previous } = await openStoreIdentity(store, secrets, clock);
  const { revision } = (await read(store)) as Known;
  const storeId = newId();
  await append(store, revision, { type: 'StoreRestored', data: { storeId, previousStoreId } }, secrets, clock);
  return { storeId, previous: [...previous, previousStoreId] };
}

interface Known extends StoreIdentity {
  readonly secretCheck: string;
  readonly revision: number;
}

async function read(store: EventStore): Promise<Known | null> {
  let known: Known | null = null;
  for (const recorded of await store.readStream(STORE_IDENTITY_STREAM)) {
    known = evolve(known, registry.decode(recorded) as Stored<StoreIdentityEvent>);
  }
  return known;
}

function evolve(known: Known | null, { type, data, revision }: Stored<StoreIdentityEvent>): Known {
  const before = known as Known;
  switch (type) {
    case 'StoreIdentified':
      return { storeId: data.storeId, secretCheck: data.secretCheck, previous: [], revision };
    case 'StoreRestored':
      return { ...before, storeId: data.storeId, previous: [...before.previous, data.previousStoreId], revision };
  }
}

async function identify(store: EventStore, secrets: Secrets, clock: Clock): Promise<Known> {
  const data = { storeId: newId(), secretCheck: secrets.checkValue };
  try {
    await append(store, 'no_stream', { type: 'StoreIdentified', data }, secrets, clock);
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
  }
  return (await read(store)) as Known;
}

async function append(
  store: EventStore,
  expected: ExpectedRevision,
  { type, data }: StoreIdentityEvent,
  secrets: Secrets,
  clock: Clock,
): Promise<void> {
  registry.assertValid(type, data);
  const commandId = newId();
  const metadata: JsonObject = {
    v: registry.versionOf(type),
    commandId,
    payloadHash: secrets.payloadHash(JSON.stringify(data)),
    correlationId: commandId,
    causationId: commandId,
    actor: { kind: 'system', id: STORE_IDENTITY_STREAM },
    occurredAt: clock.now().toISOString(),
  };
  const event = { id: newId(), type, data, metadata };
  await store.append(STORE_IDENTITY_STREAM, expected, [event]);
}
