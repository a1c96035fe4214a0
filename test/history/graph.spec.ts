import { allEvents } from '#src/contexts';
import { partsOf } from '#src/kernel/aggregate';
import { EventRegistry } from '#src/kernel/event-definitions';
import type { StoredEvent } from '#src/kernel/events';
import { newId } from '#src/kernel/ids';
import { SILENT } from '#src/history/cli/progress';
import { eventsAround } from '#src/history/graph/collect';
import { graphText } from '#src/history/graph/formats';
import { graphOf, type Graph, type GraphNode } from '#src/history/graph/graph';
import { eventsInLog } from '#src/history/graph/scan';
import type { HistoryLog } from '#src/history/source';
import { type RunningShop, startShop } from '../support/shop-app';
import { addToCart, checkOut, stocked } from '../support/shopping';

let shop: RunningShop;
let log: HistoryLog;
let events: StoredEvent[];
beforeAll(async () => {
  shop = await startShop();
  const { store } = shop.shop.servers;
  log = { store, registry: new EventRegistry(allEvents) };
  const [mug, bowl] = [await stocked(shop, { name: 'Mug' }), await stocked(shop, { name: 'Bowl', quantity: 1 })];
  for (const payment of ['test-approved', 'test-declined', 'test-timeout']) {
    const guest = await shop.tokens.guest();
    await addToCart(shop, guest, mug);
    const { body } = await checkOut(shop, guest, { payment });
    const cancel = { token: guest, body: { reason: 'other' }, headers: { prefer: 'wait=5' } };
    if (payment === 'test-approved') await shop.request('POST', `/api/orders/${body.orderId}/cancel`, cancel);
  }
  const greedy = await shop.tokens.guest();
  await addToCart(shop, greedy, mug);
  await addToCart(shop, greedy, bowl, 2);
  await checkOut(shop, greedy);
  const guest = await shop.tokens.guest();
  await addToCart(shop, guest, mug);
  const account = { email: `${newId()}@example.com`, password: 'correct horse battery staple', guestToken: guest };
  await shop.request('POST', '/api/auth/register', { body: account });
  await untilQuiet();
  events = (await store.readAll({ limit: 100_000 })).map((event) => log.registry.decode(event));
}, 60_000);
afterAll(() => shop.stop());

/** Nothing was stored for a while. */
async function untilQuiet(): Promise<void> {
  const { store } = shop.shop.servers;
  for (let last = ''; ;) {
    const head = JSON.stringify(await store.head());
    if (head === last) return;
    last = head;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

const isClaim = ({ stream }: StoredEvent): boolean => partsOf(stream).aggregate === 'claim';
const correlationOf = (found: (event: StoredEvent) => boolean): string => events.find(found)!.metadata.correlationId;
const graphFor = async (correlationId: string): Promise<Graph> =>
  graphOf(await eventsInLog(log, correlationId, { progress: SILENT }), null);

describe('the events of a correlation', () => {
  it('are all that the log has of it', async () => {
    for (const { metadata } of events.filter(({ type }) => type === 'CartCheckedOut')) {
      const found = await eventsInLog(log, metadata.correlationId, { progress: SILENT });
      expect(found).toEqual(events.filter((event) => event.metadata.correlationId === metadata.correlationId));
      expect(found.length).toBeGreaterThan(5);
    }
  });

  it('are found from any of the streams that have a part in it, but for claims', async () => {
    const correlationIds = new Set(
      events.filter(({ metadata }) => metadata.actor.kind === 'process').map(({ metadata }) => metadata.correlationId),
    );
    expect(correlationIds.size).toBeGreaterThan(5);
    for (const id of correlationIds) {
      const whole = events.filter((event) => event.metadata.correlationId === id && !isClaim(event));
      for (const stream of new Set(whole.map((event) => event.stream))) {
        const found = await eventsAround(log, stream, id);
        expect([stream, found.map(nameOf)]).toEqual([stream, whole.map(nameOf)]);
      }
    }
  });

  it('are those of all its correlations where none is named', async () => {
    const { stream } = events.find(({ type }) => type === 'OrderCancellationRequested')!;
    const { correlationIds } = graphOf(await eventsAround(log, stream), null);
    expect(correlationIds).toEqual([
      correlationOf(({ type, data }) => type === 'CartCheckedOut' && stream.endsWith(String(Object(data).orderId))),
      correlationOf(({ type }) => type === 'OrderCancellationRequested'),
    ]);
  });

  it('can not be looked for in a stream that is not there, or has no part in it', async () => {
    await expect(eventsAround(log, `order-${newId()}`)).rejects.toThrow(/There is no stream/);
    const { stream } = events.find(({ type }) => type === 'OrderPlaced')!;
    await expect(eventsAround(log, stream, newId())).rejects.toThrow(/has no event of the correlation/);
  });
});

const nameOf = ({ stream, revision, type }: StoredEvent): string => `${stream}/${revision} ${type}`;

describe('the graph', () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await graphFor(correlationOf(({ type }) => type === 'OrderCancellationRequested'));
  });

  /** `command → event`, by names and types. */
  const edgesOf = ({ nodes, edges }: Graph): string[] => {
    const names = new Map(nodes.map((node) => [node.id, labelOf(node)]));
    return edges.map(({ from, to }) => `${names.get(from)} → ${names.get(to)}`);
  };
  const labelOf = (node: GraphNode): string =>
    node.kind === 'command'
      ? (node.name ?? `command of ${node.actor.kind}`)
      : node.kind === 'event'
        ? node.type
        : 'checkout';

  it('leads from the command of a person to all that followed', () => {
    expect(edgesOf(graph)).toEqual([
      'command of guest → OrderCancellationRequested',
      'OrderCancellationRequested → checkout',
      'checkout → RefundPayment',
      'RefundPayment → RefundRequested',
      'RefundPayment → PaymentRefunded',
      'PaymentRefunded → checkout',
      'checkout → ReleaseStock',
      'checkout → CancelOrder',
      'ReleaseStock → StockReleased',
      'CancelOrder → OrderCancelled',
    ]);
  });

  it('has one beginning for each request, and no loose ends', async () => {
    for (const { metadata } of events.filter(({ type }) => type === 'CartCheckedOut')) {
      const { nodes, edges } = await graphFor(metadata.correlationId);
      const reached = new Set(edges.map(({ to }) => to));
      expect(nodes.filter(({ id }) => !reached.has(id)).map(labelOf)).toEqual(['command of guest']);
    }
  });

  it('shows commands that were refused, with the reason, and those that were not issued then', async () => {
    const { metadata } = events.find(
      ({ type, data }) => type === 'OrderRejected' && Object(data).reason === 'out-of-stock',
    )!;
    const { nodes } = await graphFor(metadata.correlationId);
    const outcomes = nodes.flatMap((node) => (node.kind === 'command' && node.outcome !== 'done' ? [node] : []));
    // Of the two lines, the one that is missing may be asked for first.
    expect(outcomes.at(0)).toMatchObject({ name: 'ReserveStock', outcome: 'rejected', code: 'stock-insufficient' });
    expect(outcomes.at(-1)).toMatchObject({ name: 'TakePayment', outcome: 'skipped' });
  });

  it('begins a reaction to a timeout where the timeout was asked for', async () => {
    const { metadata } = events.find(({ type }) => type === 'PaymentOutcomeUnknown')!;
    const { nodes, edges } = await graphFor(metadata.correlationId);
    const woken = nodes.find((node) => node.kind === 'reaction' && node.to === 'timeout')!;
    expect(woken).toMatchObject({ timeout: 'look-up-payment' });
    const [cause] = edges.filter(({ to }) => to === woken.id).map(({ from }) => nodes.find(({ id }) => id === from)!);
    expect(cause).toMatchObject({ kind: 'reaction' });
  });

  it('is written for Mermaid', () => {
    const lines = graphText(graph, 'mermaid').split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'flowchart LR',
      '  %% as of position none',
      expect.stringMatching(/^ {2}n0\["command<br\/>by guest [0-9a-f]{8}"\]$/),
    ]);
    expect(lines[3]).toMatch(/^ {2}n1\(\["OrderCancellationRequested<br\/>order-[0-9a-f]{8}\/2"\]\)$/);
    expect(lines).toContain('  n0 --> n1');
  });

  it('is written for Graphviz', () => {
    const text = graphText(graph, 'dot');
    expect(text).toMatch(/^digraph history \{\n {2}\/\/ as of position none\n/);
    expect(text.match(/ -> /g)).toHaveLength(graph.edges.length);
    expect(text).toMatch(/\[label="OrderCancelled\\norder-[0-9a-f]{8}\/3", shape=box, style="rounded"\];/);
  });

  it('escapes what the formats would take for their own', () => {
    const odd: Graph = {
      position: null,
      correlationIds: [],
      edges: [],
      nodes: [{ kind: 'command', id: 'x', name: 'a"<b>&\\', actor: { kind: 'system', id: 's' }, outcome: 'waiting' }],
    };
    expect(graphText(odd, 'mermaid')).toContain('n0["a#quot;#lt;b#gt;#amp;\\<br/>by system s<br/>waiting"]');
    expect(graphText(odd, 'dot')).toContain('label="a\\"<b>&\\\\\\nby system s\\nwaiting"');
    expect(JSON.parse(graphText(odd, 'json'))).toEqual(odd);
  });
});
