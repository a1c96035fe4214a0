import type { EventStore } from '../event-store/event-store';
import { originOf, type StoreIdentity } from '../store-identity';
import { findSealed } from './find-sealed';
import type { KeyStore, Sealed } from './personal';

/** The key store is empty, or of another shop: what is sealed now could not be opened when the right one comes back. */
export class WrongKeyStore extends Error {
  constructor(why: string) {
    super(
      `${why}; put the key store back from its backup, or, if there is none, start once with --accept-lost-keys: what was sealed before is unreadable for good then.`,
    );
    this.name = 'WrongKeyStore';
  }
}

/** Events that are read at once. */
const PAGE = 500;

/**
 * Sees to it that the keys are those of the events. A key is stored before the first event that needs it, so a key store that nobody has
 * assigned yet (a new one, or one of the first release) has the key of the first value that was sealed. `acceptLost`: take it as it is.
 * @throws WrongKeyStore | StoreUnavailable | KeyStoreUnavailable
 */
export async function assertKeysOf(
  store: EventStore,
  keys: KeyStore,
  identity: StoreIdentity,
  acceptLost: boolean,
): Promise<void> {
  const origin = originOf(identity);
  const assigned = await keys.assignedTo();
  if (assigned === origin) return;
  if (!acceptLost) {
    if (assigned !== null) throw new WrongKeyStore('The key store holds the keys of another shop');
    const sealed = await firstSealed(store);
    if (sealed !== null && (await keys.find(sealed.subject, sealed.purpose)) === null)
      throw new WrongKeyStore('The event store holds personal data, and the key store has no keys of it');
  }
  await keys.assignTo(origin);
}

async function firstSealed(store: EventStore): Promise<Sealed | null> {
  for (let from: Awaited<ReturnType<EventStore['head']>> = null; ;) {
    const events = await store.readAll({ from, limit: PAGE });
    for (const { data } of events) {
      const [first] = findSealed(data);
      if (first !== undefined) return first;
    }
    if (events.length < PAGE) return null;
    from = events.at(-1)!.position;
  }
}
