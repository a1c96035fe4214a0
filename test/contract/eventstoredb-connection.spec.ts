import { StoreUnavailable } from '#src/kernel/event-store/event-store';
import { EventStoreDbEventStore } from '#src/kernel/event-store/eventstoredb-event-store';
import { parseConnectionString } from '#src/kernel/event-store/eventstoredb/connection-string';
import { makeCertificate } from '../support/eventstore-node/certificate';
import { type EventStoreNode, startEventStoreNode } from '../support/eventstore-node/start-node';
import { KeptLog } from '../support/meters';
import { stopsAfterEach } from '../support/stops';
import { TcpProxy } from '../support/tcp-proxy';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { batchesUntil, delivered, newEvent, newStream } from './event-store.contract';

const PASSWORD = 'b4ttery:st@ple';
const CREDENTIALS = { username: 'shop', password: PASSWORD };
const folder = tempFolderOfThisFile();

const stopAfterwards = stopsAfterEach();
let log: KeptLog;

beforeEach(() => {
  log = new KeptLog();
});

async function start(...options: Parameters<typeof startEventStoreNode>): Promise<EventStoreNode> {
  const node = await startEventStoreNode(...options);
  stopAfterwards(() => node.stop());
  return node;
}

async function open(url: string): Promise<EventStoreDbEventStore> {
  const store = await EventStoreDbEventStore.open(url, { logger: log });
  stopAfterwards(() => store.close());
  return store;
}

/** Appends, reads and follows. */
async function expectToWork(store: EventStoreDbEventStore): Promise<void> {
  const stream = newStream();
  const event = newEvent();
  const following = batchesUntil(store, await store.head(), delivered([event.id]));
  const { position } = await store.append(stream, 'no_stream', [event]);
  expect(await store.readStream(stream)).toMatchObject([{ id: event.id, position }]);
  await following;
}

const withCredentials = (url: string, { username, password } = CREDENTIALS): string =>
  url.replace('//', `//${encodeURIComponent(username)}:${encodeURIComponent(password)}@`);

async function refusal(url: string): Promise<Error> {
  const error = await open(url).then(
    () => new Error('It was opened.'),
    (reason: Error) => reason,
  );
  expect(error.message).not.toContain(PASSWORD);
  expect(error.message).toMatch(/^[^.].*\.$/s);
  return error;
}

describe.each([
  ['BatchAppend', true],
  ['no BatchAppend', false],
])('An event store with a certificate, credentials and %s', (_, batchAppend) => {
  const tls = makeCertificate(folder);
  const startWithCredentials = () => start({ tls, credentials: CREDENTIALS, batchAppend });

  it('works with the right credentials', async () => {
    const { url } = await startWithCredentials();

    await expectToWork(await open(withCredentials(url)));
    expect(log.lines).toEqual([]);
  });

  it('refuses the wrong ones and none, in one sentence that does not repeat them', async () => {
    const { url } = await startWithCredentials();

    for (const wrong of [withCredentials(url, { username: 'shop', password: 'wrong-one' }), url]) {
      const refused = await refusal(wrong);
      expect(refused).toBeInstanceOf(StoreUnavailable);
      expect(refused.message).toContain('correct name and password');
      expect(refused.message).not.toContain('wrong-one');
    }
  });

  it('is not talked to when its certificate is unknown', async () => {
    const { port } = await startWithCredentials();

    const refused = await refusal(withCredentials(`esdb://localhost:${port}`));
    expect(refused).toBeInstanceOf(StoreUnavailable);
    expect(refused.message).toContain('certificate');
  });
});

describe('An event store', () => {
  it('is found among the members of a cluster', async () => {
    const { url } = await start();

    await expectToWork(await open(url.replace('esdb:', 'esdb+discover:')));
  });

  it('that is away is said to be away, with its address', async () => {
    const node = await start();
    await node.stop();

    for (const url of [node.url, node.url.replace('esdb:', 'esdb+discover:')]) {
      const refused = await refusal(withCredentials(url));
      expect(refused).toBeInstanceOf(StoreUnavailable);
      expect(refused.message).toContain(`127.0.0.1:${node.port} can't be reached`);
    }
  });

  it('that takes connections and says nothing is waited for only so long', async () => {
    const node = await start();
    const proxy = await TcpProxy.start();
    stopAfterwards(() => proxy.close());
    proxy.forwardTo(`127.0.0.1:${node.port}`);
    void proxy.holdAnswersTo(() => true);

    const refused = await refusal(`esdb://${proxy.address}?tls=false`);
    expect(refused).toBeInstanceOf(StoreUnavailable);
    expect(refused.message).toContain('no answer within 2000 ms');
  });

  it.each(['22.10.5.0', '23.6.0', '5.0.11'])(
    'of version %s is too old, which waiting does not change',
    async (version) => {
      const refused = await refusal((await start({ version })).url);

      expect(refused).not.toBeInstanceOf(StoreUnavailable);
      expect(refused.message).toContain(`is version ${version}; Chronocart needs EventStoreDB 23.10 or newer`);
    },
  );

  it.each(['23.10.0', '24.10.4.1', '24.6.0-nightly', '25.0.1', '26.1'])('of version %s will do', async (version) => {
    await expectToWork(await open((await start({ version })).url));
    expect(log.lines).toEqual([]);
  });

  it('of a version that nobody knows is used with a warning', async () => {
    await expectToWork(await open((await start({ version: 'oak-tree' })).url));
    expect(log.lines).toEqual([expect.stringContaining('"oak-tree"')]);
  });

  it('without TLS is not sent the credentials, which is said', async () => {
    await expectToWork(await open(withCredentials((await start()).url)));
    expect(log.lines).toEqual([expect.stringContaining('tls=false')]);
    expect(log.lines.join()).not.toContain(PASSWORD);
  });
});

describe('A connection string', () => {
  it('gives hosts, credentials and options, whichever way they are written', () => {
    expect(parseConnectionString(' esdb://shop:a%3Ab%40c@one:2114,two/?tls=false&KeepAlive_Interval=20000 ')).toEqual({
      address: 'one:2114,two',
      nodes: expect.objectContaining({
        endpoints: [
          { address: 'one', port: 2114 },
          { address: 'two', port: 2113 },
        ],
        keepAliveInterval: 20_000,
      }),
      credentials: { username: 'shop', password: 'a:b@c' },
      channel: { insecure: true },
    });
    expect(parseConnectionString('esdb+discover://cluster.example')).toMatchObject({
      nodes: { discover: { address: 'cluster.example', port: 2113 } },
      credentials: undefined,
      channel: { insecure: false },
    });
  });

  it.each([
    ['has another scheme', 'http://host', 'must look like'],
    ['has a name and no password', 'esdb://shop@host', 'must look like'],
    ['has no host', 'esdb://', 'must look like'],
    ['has an option that nobody knows', 'esdb://shop:s3cret@host?tsl=s3cret', '"tsl" is not one of its options'],
    ['has an option without a value', 'esdb://shop:s3cret@host?tls', 'tls has no value'],
    ['has a value of another kind', 'esdb://shop:s3cret@host?tls=s3cret', 'must be true or false'],
    ['has a number that is none', 'esdb://shop:s3cret@host?gossipTimeout=s3cret', 'must be a whole number'],
    ['has a port that is none', 'esdb://shop:s3cret@host:s3cret', 'each of its hosts'],
    ['has half a character', 'esdb://shop:s3cret%@host', 'percent-encoded'],
    ['has half a certificate', `esdb://host?userCertFile=${__filename}`, 'belong together'],
    [
      'names a file that is not there',
      'esdb://shop:s3cret@host?tlsCAFile=/s3cret',
      "tlscafile names can't be read (ENOENT)",
    ],
    ['trusts everybody', 'esdb://shop:s3cret@host?tlsVerifyCert=false', 'tlsCAFile'],
    ['prefers a follower', 'esdb://shop:s3cret@host?nodePreference=follower', 'only be leader'],
  ])('that %s is refused in one sentence that repeats no value', async (_, url, why) => {
    const refused = await refusal(url);

    expect(refused.message).toMatch(/^The connection string of the event store can't be used: .*\.$/);
    expect(refused.message).toContain(why);
    expect(refused.message).not.toContain('s3cret');
  });
});
