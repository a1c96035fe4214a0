import Type from 'typebox';
import { defineEvents, v1, type EventOf } from './event-definitions';

/** The facts of the store itself, in the one stream `storeIdentity`. */
export const storeIdentityEvents = defineEvents('storeIdentity', {
  /** The first start: which store this is, and a value that tells whether a later start has the same secret. */
  StoreIdentified: v1({ storeId: Type.String({ format: 'uuid' }), secretCheck: Type.String() }),
  /** The store was put back from a backup: from here on it is another store, whose log others have not seen. */
  StoreRestored: v1({
    storeId: Type.String({ format: 'uuid' }),
    previousStoreId: Type.String({ format: 'uuid' }),
  }),
});
export type StoreIdentityEvent = EventOf<typeof storeIdentityEvents>;
