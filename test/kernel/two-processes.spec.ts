import { EventStoreDbEventStore } from '#src/kernel/event-store/eventstoredb-event-store';
import { deriveId, newId } from '#src/kernel/ids';
import { type EventStoreNode, startEventStoreNode } from '../support/eventstore-node/start-node';
import { add, boxesOn, command } from '../support/toy-box';

/** Longer than a test may take: whoever waits for as long has waited for ever. */
const FOR_EVER = 600_000;
const ROUNDS = 30;

describe('Two processes on one EventStoreDB that are given one command at once', () => {
  let node: EventStoreNode;
  let stores: EventStoreDbEventStore[];

  beforeAll(async () => {
    node = await startEventStoreNode({ writeTimeout: FOR_EVER });
    const open = () => EventStoreDbEventStore.open(node.url, { timeout: FOR_EVER, patience: FOR_EVER });
    stores = [await open(), await open()];
  });

  afterAll(async () => {
    for (const store of stores) await store.close();
    await node.stop();
  });

  it('answer both alike, and neither waits for a time-out', async () => {
    const processes = stores.map((store) => boxesOn(store));
    for (let round = 0; round < ROUNDS; round++) {
      const id = newId();
      // Every other round the stream is there already, and known to both.
      if (round % 2) for (const boxes of processes) await boxes.change(command(), id, { decide: add(1) });
      const { context } = command({ commandId: deriveId(newId(), 'key') });

      const answers = await Promise.all(
        processes.map((boxes) => boxes.change(command(context), id, { decide: add(5) })),
      );

      const [one, other] = answers.map(({ state, revision, position }) => ({ state, revision, position }));
      expect(one).toEqual(other);
      expect(one!.state).toEqual({ coins: round % 2 ? 7 : 5 });
      expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['appended', 'replayed']);
    }
  });

  it('and send the very same events answer both alike too, although the server answers one of them alone', async () => {
    const events = [{ id: newId(), type: 'Noted', data: {}, metadata: { v: 1 } }];
    const stream = `note-${newId()}`;

    const answers = await Promise.all(stores.map((store) => store.append(stream, 'no_stream', events)));

    expect(answers[0]).toEqual(answers[1]);
    expect(await stores[0]!.readStream(stream)).toHaveLength(1);
  });
});
