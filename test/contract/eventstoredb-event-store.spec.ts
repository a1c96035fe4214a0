import { EventStoreDbEventStore } from '#src/kernel/event-store/eventstoredb-event-store';
import { startEventStoreNode } from '../support/eventstore-node/start-node';
import { eventStoreContract } from './event-store.contract';

eventStoreContract('EventStoreDB (the node for tests)', async () => {
  const node = await startEventStoreNode();
  let store = await EventStoreDbEventStore.open(node.url);
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = await EventStoreDbEventStore.open(node.url));
    },
    close: async () => {
      await store.close();
      await node.stop();
    },
  };
});
