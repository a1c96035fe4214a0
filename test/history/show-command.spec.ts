import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent } from '#src/kernel/events';
import { newId } from '#src/kernel/ids';
import { orderNumberOf } from '#src/words/order-number';
import { openHistory } from '#src/history/source';
import { startEventStoreNode } from '../support/eventstore-node/start-node';
import { tempFolder } from '../support/temp-folder';
import { history, type Ran } from './command-line';
import { A_FEW_VISITS, tradedFolder } from '../support/traded-folder';

let folder: string;
let log: RecordedEvent[];
beforeAll(async () => {
  folder = await tradedFolder(A_FEW_VISITS);
  const source = await openHistory({ dataDir: folder, eventStoreUrl: null });
  log = await source.store.readAll({ limit: 100_000 });
  await source.close();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]): Promise<Ran> => history(folder, args);
const json = async (...args: string[]) => {
  const { status, out, err } = await run(...args, '--json');
  expect([status, err]).toEqual([0, '']);
  // Of any shape: each test says what it expects of it.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  return JSON.parse(out) as any;
};

const confirmed = () => log.find(({ type }) => type === 'OrderConfirmed')!;
const orderId = () => confirmed().data['orderId'] as string;
const number = (position: { commit: string }) => String(Number(position.commit));

describe('chronocart history show', () => {
  it('shows the state now, and what it is as of', async () => {
    const { status, out } = await run('show', `order-${orderId()}`);
    expect(status).toBe(0);
    expect(out).toMatch(new RegExp(`^stream {2}order-${orderId()} {2}order ${orderNumberOf(orderId())}\n`));
    expect(out).toMatch(/\nas of {3}now, position \d+, revision \d+ of \d{4}-\d\d-\d\dT/);
    expect(out).toMatch(/\nstatus +(confirmed|cancelled)\n/);
  });

  it.each([
    ['a revision', () => `revision:${confirmed().revision - 1}`],
    ['a position', () => number({ commit: String(Number(confirmed().position.commit) - 1) })],
  ])('shows it as of %s', async (_, asOf) => {
    const { state, asOf: at } = await json('show', `order-${orderId()}`, '--as-of', asOf());
    expect(state.status).toBe('placed');
    expect(at).toMatchObject({
      revision: confirmed().revision - 1,
      position: expect.stringMatching(/^\d{20}\/\d{20}$/),
    });
  });

  it('shows it as of a time: after what was recorded at that very millisecond', async () => {
    const { recordedAt } = confirmed();
    const before = new Date(Date.parse(recordedAt) - 1).toISOString();
    expect((await json('show', `order-${orderId()}`, '--as-of', recordedAt)).state.status).toBe('confirmed');
    expect((await json('show', `order-${orderId()}`, '--as-of', before)).state.status).toBe('placed');
  });

  it('says that something did not exist yet', async () => {
    expect((await run('show', `order-${orderId()}`, '--as-of', '1')).out).toMatch(/\n\nIt did not exist yet\.\n$/);
    expect(await json('show', `order-${orderId()}`, '--as-of', '1')).toMatchObject({
      state: null,
      asOf: { revision: null },
    });
  });

  it('takes the number of an order, however people write it', async () => {
    const written = orderNumberOf(orderId());
    const names = [
      [written],
      [written.toLowerCase().replace('-', '')],
      ['order', written],
      [`order ${written}`],
      [`order-${written}`],
    ];
    for (const name of names) expect((await json('show', ...name)).stream).toBe(`order-${orderId()}`);
  });

  it('takes an aggregate and an id', async () => {
    expect((await json('show', 'order', orderId().toUpperCase())).stream).toBe(`order-${orderId()}`);
  });

  it('shows every stream of the shop', async () => {
    const streams = new Set(log.map(({ stream }) => stream).filter((stream) => !stream.includes('Snapshot')));
    for (const stream of streams) {
      const { status, err } = await run('show', stream, '--steps');
      expect([stream, status, err]).toEqual([stream, 0, '']);
    }
  });

  it('tells of each event what it changed, when, by whom and why', async () => {
    const { steps } = await json('show', `order-${orderId()}`, '--steps');
    expect(steps[0]).toMatchObject({
      type: 'OrderPlaced',
      revision: 0,
      actor: { kind: 'process', id: 'checkout' },
      cause: {
        command: 'PlaceOrder',
        event: { type: 'CartCheckedOut' },
        reaction: { stream: `checkout-${orderId()}`, revision: 0 },
      },
      changes: expect.arrayContaining([{ op: 'replace', path: '/status', before: 'none', after: 'placed' }]),
    });
    const { out } = await run('show', `order-${orderId()}`, '--steps');
    expect(out).toMatch(
      /^0 {2}OrderPlaced {2}\S+Z {2}at \d+\n {2}by process checkout, by its command PlaceOrder because of CartCheckedOut at cart-\S+\/\d+\n {2}~ \/status +none → placed\n/,
    );
  });

  it('tells why a process did something: an event, the end of its commands', async () => {
    const { steps } = await json('show', `checkout-${orderId()}`, '--steps');
    expect(steps[0]).toMatchObject({ type: 'Reacted', cause: { event: { type: 'CartCheckedOut' } } });
    expect(steps.map(({ type }: { type: string }) => type)).toContain('Settled');
    const { out } = await run('show', `checkout-${orderId()}`);
    expect(out).toMatch(/\nstate\n {2}phase +confirmed\n|\nstate\n {2}phase +ended\n/);
  });

  it('gives the command of a person by its id', async () => {
    const added = log.find(({ type }) => type === 'ItemAddedToCart')!;
    const { steps } = await json('show', added.stream, '--steps');
    expect(steps[added.revision].cause).toEqual({
      commandId: added.metadata['commandId'],
      command: null,
      reaction: null,
      event: null,
      timeout: null,
    });
    expect((await run('show', added.stream, '--steps')).out).toContain(
      `by command ${String(added.metadata['commandId'])}`,
    );
  });

  it('shows pseudonyms in place of what is sealed', async () => {
    const registered = log.find(({ type }) => type === 'AccountRegistered')!;
    const { state } = await json('show', registered.stream);
    expect(state.email).toEqual({ pseudonym: state.accountId, purpose: 'profile', kind: 'Email' });
    const { out } = await run('show', registered.stream, '--steps');
    expect(out).toContain(`sealed:${state.accountId}`);
    expect(out).not.toMatch(/"ct"|"iv"/);
  });
});

describe('chronocart history diff', () => {
  it('shows how a state differs between two instants', async () => {
    const { revision } = confirmed();
    const args = ['diff', `order-${orderId()}`, `revision:${revision - 1}`, `revision:${revision}`];
    expect(await json(...args)).toMatchObject({
      from: { revision: revision - 1 },
      to: { revision },
      differences: [{ op: 'replace', path: '/status', before: 'placed', after: 'confirmed' }],
    });
    expect((await run(...args)).out).toMatch(/\n\n~ \/status {2}placed → confirmed\n$/);
  });

  it('says so where there is none', async () => {
    expect((await run('diff', orderNumberOf(orderId()), 'now', 'now')).out).toMatch(/\n\nnothing changed\n$/);
  });

  it('goes back as well, and to before the beginning', async () => {
    const { differences } = await json('diff', 'order', orderId(), 'now', '0');
    expect(differences).toMatchObject([{ op: 'replace', path: '', after: null }]);
  });
});

describe('chronocart history graph', () => {
  it('is the same from the whole log and from a stream', async () => {
    const { correlationId } = confirmed().metadata as { correlationId: string };
    const whole = await json('graph', correlationId);
    expect(whole.nodes.length).toBeGreaterThan(10);
    expect(await json('graph', orderNumberOf(orderId()), '--correlation', correlationId)).toEqual(whole);
  });

  it.each([
    ['mermaid', /^flowchart LR\n/],
    ['dot', /^digraph history \{\n/],
    ['json', /^\{\n {2}"position": "\d/],
  ])('is drawn as %s', async (format, beginning) => {
    const { status, out } = await run('graph', `order-${orderId()}`, '--format', format);
    expect([status, out]).toEqual([0, expect.stringMatching(beginning)]);
  });

  it('says that nothing belongs to an unknown correlation', async () => {
    const { status, err } = await run('graph', newId());
    expect([status, err]).toEqual([1, expect.stringMatching(/^No event belongs to the correlation \S+\.\n$/)]);
  });
});

describe('the command line', () => {
  it('explains itself', async () => {
    const { status, out } = await run('--help');
    expect([status, out]).toEqual([0, expect.stringMatching(/^Usage: chronocart history <command> \[arguments\]\n/)]);
    for (const command of ['show', 'diff', 'graph', 'sql', 'export', 'import', 'verify']) {
      expect(out).toContain(`\n  ${command} `);
      expect(await run(command, '--help')).toMatchObject({
        status: 0,
        out: expect.stringContaining('--json'),
        err: '',
      });
    }
  });

  it.each<[string, string[], RegExp]>([
    ['no command', [], /^Name a command:/],
    ['an unknown command', ['sow'], /^There is no command sow; there are show, /],
    [
      'an unknown option',
      ['show', '--steps', '--foo'],
      /^Unknown option '--foo'; chronocart history show --help lists/,
    ],
    ['an option without its value', ['show', '--as-of'], /^Option '--as-of <value>' argument missing/],
    ['no stream', ['show'], /^Name a stream: /],
    ['what is no stream', ['show', 'basket-7'], /^basket-7 is no name of a stream; there are /],
    [
      'what is no instant',
      ['show', 'storeIdentity', '--as-of', 'soon'],
      /^"soon" is no moment of the history; give a time/,
    ],
    [
      'a position after the end',
      ['show', 'storeIdentity', '--as-of', '999999'],
      /^The position 999999 lies after the log, which ends at \d+\.$/m,
    ],
    [
      'a revision after the end',
      ['show', 'storeIdentity', '--as-of', 'revision:7'],
      /^storeIdentity has no revision 7\.$/m,
    ],
    ['one instant for two', ['diff', 'storeIdentity', 'now'], /^Name a stream and two instants\.$/m],
    [
      'an unknown format',
      ['graph', 'storeIdentity', '--format', 'gif'],
      /^--format is one of mermaid, dot, json, not gif\.$/m,
    ],
    ['two formats', ['graph', 'storeIdentity', '--format', 'dot', '--json'], /contradict each other/],
  ])('ends with status 2 and one sentence for %s', async (_, args, message) => {
    const { status, out, err } = await run(...args);
    expect([status, out, err]).toEqual([2, '', expect.stringMatching(message)]);
    if (args.length > 0) expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each<[string, string[], RegExp]>([
    ['a stream that is not there', ['show', `order-${newId()}`], /^There is no stream order-\S+\.\n$/],
    ['an order that is not there', ['show', '00000-00000'], /^There is no order 00000-00000\.\n$/],
  ])('ends with status 1 and one sentence for %s', async (_, args, message) => {
    expect(await run(...args)).toEqual({ status: 1, out: '', err: expect.stringMatching(message) });
  });

  it('says where it has looked when there is no store, and makes none', async () => {
    const empty = tempFolder();
    for (const args of [
      ['show', 'storeIdentity'],
      ['show', 'storeIdentity', '--data-dir', `${empty}/none`],
    ])
      expect(await history(empty, args)).toMatchObject({
        status: 1,
        err: expect.stringMatching(/^There is no event store in /),
      });
    rmSync(empty, { recursive: true });
  });

  it('takes the folder from an option as well', async () => {
    expect(await history('/nowhere', ['show', 'storeIdentity', '--data-dir', folder])).toMatchObject({ status: 0 });
  });

  it('does not repeat a connection string, which may hold a password', async () => {
    const env = { EVENTSTORE_URL: 'esdb://admin:hunter2@127.0.0.1:1?tls=false' };
    const { status, out, err } = await history(folder, ['show', 'storeIdentity'], { env });
    expect(status).toBe(1);
    expect(out + err).not.toContain('hunter2');
  });

  it('says where in the program something went wrong only to who debugs it', async () => {
    const env = { LOG_LEVEL: 'debug' };
    expect((await history(folder, ['show', 'sow'], { env })).err).toMatch(/\n {4}at /);
  });

  it('reads a store on EventStoreDB', async () => {
    const nodeFolder = tempFolder();
    copyFileSync(join(folder, 'events.db'), join(nodeFolder, 'log.db'));
    const node = await startEventStoreNode({ folder: nodeFolder });
    try {
      const env = { EVENTSTORE_URL: node.url };
      const { status, out } = await history('/nowhere', ['show', orderNumberOf(orderId())], { env });
      expect([status, out]).toEqual([0, expect.stringContaining(`order-${orderId()}`)]);
    } finally {
      await node.stop();
      rmSync(nodeFolder, { recursive: true });
    }
  });
});
