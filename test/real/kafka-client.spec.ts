import { Logger } from '@nestjs/common';
import { version } from 'kafkajs/package.json';
import type RequestQueueOfKafkajs from 'kafkajs/src/network/requestQueue';
import { requests as kafkajsRequests } from 'kafkajs/src/protocol/requests';
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys';
import { assertApiVersions, neededApis } from '#src/integration/kafka/api-versions';
import { kafkaOf } from '#src/integration/kafka/kafka-client';
import { PATCHED_VERSION } from '#src/integration/kafka/patch-idle-timer';
import { checkpointOfText, textOfCheckpoint } from '#src/integration/kafka/relay-checkpoint';
import { KafkaUnavailable, KafkaUnfit } from '#src/integration/kafka/relay-errors';
import { requestsOf } from '#src/integration/kafka/requests';
import { positionOf } from '#src/kernel/position';
import RequestQueue from 'kafkajs/src/network/requestQueue';
import { FakeBroker, type OfferedApi } from '../support/fake-broker';
import { STORE_ID } from '../support/notes';

describe('a relay asks a broker, before anything else, which requests it knows, and', () => {
  let broker: FakeBroker;
  beforeEach(() => Logger.overrideLogger(false));
  afterEach(() => broker.close());

  const fitting: OfferedApi[] = neededApis.map(({ key, from, to }) => ({ key, min: from, max: to }));
  const changed = (name: string, change: Partial<OfferedApi>): OfferedApi[] => {
    const { key } = neededApis.find((api) => api.name === name)!;
    return fitting.map((api) => (api.key === key ? { ...api, ...change } : api));
  };

  async function ask(offered: readonly OfferedApi[], ...more: readonly string[]): Promise<void> {
    broker = await FakeBroker.start(offered);
    const config = { brokers: [...more, broker.address], prefix: 'shop', tls: false, sasl: null };
    await assertApiVersions(kafkaOf(config), config);
  }

  it('takes one that knows what it needs', async () => {
    await ask(fitting);
    expect(broker.requests).toEqual([18]);
  });

  it('takes the first that answers', () => ask(fitting, '127.0.0.1:1'));

  it.each([
    ['is too old', changed('Produce', { max: 2 }), /is too old: it knows the request Produce up to version 2 only/],
    ['is too new', changed('Fetch', { min: 12, max: 20 }), /is too new: it knows the request Fetch from version 12 on/],
    [
      'has no transactions',
      fitting.filter(({ key }) => key !== 26),
      /does not know the request EndTxn, but the relay speaks versions 0 to 1 of it: use Kafka 3\.5 or newer, before 5\.0\.$/,
    ],
  ])('refuses one that %s in one sentence', async (_, offered, sentence) => {
    const asking = ask(offered);
    await expect(asking).rejects.toThrow(KafkaUnfit);
    await expect(asking).rejects.toThrow(sentence);
  });

  it('says which brokers do not answer', async () => {
    broker = await FakeBroker.start([]);
    const config = { brokers: ['127.0.0.1:1', '127.0.0.1:2'], prefix: 'shop', tls: false, sasl: null };
    const asking = assertApiVersions(kafkaOf(config), config);
    await expect(asking).rejects.toThrow(KafkaUnavailable);
    await expect(asking).rejects.toThrow(/^No broker of KAFKA_BROKERS answers: 127\.0\.0\.1:1: .*127\.0\.0\.1:2: /);
  });

  it.each(neededApis)('knows what kafkajs speaks of $name', async ({ name, key, to }) => {
    broker = await FakeBroker.start([]);
    const named = name === 'FindCoordinator' ? 'GroupCoordinator' : name;
    expect(apiKeys[named]).toBe(key);
    expect(Math.max(...kafkajsRequests[named]!.versions.map(Number))).toBe(to);
  });
});

describe('an idle connection of kafkajs', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** How often it looks for requests that wait, in a second after one was answered. */
  function looksOf(Queue: typeof RequestQueueOfKafkajs): number {
    const { queue, look } = queueOf(Queue);
    queue.checkPendingRequests();
    look.mockClear();
    jest.advanceTimersByTime(1_000);
    queue.destroy();
    return look.mock.calls.length;
  }

  function queueOf(Queue: typeof RequestQueueOfKafkajs, maxInFlightRequests: number | null = null) {
    const queue = new Queue({
      maxInFlightRequests,
      requestTimeout: 1_000,
      enforceRequestTimeout: false,
      clientId: 'test',
      broker: 'test',
      logger: { debug: () => undefined },
    });
    return { queue, look: jest.spyOn(queue, 'checkPendingRequests') };
  }

  it('never wakes up by itself, with the patch', () => expect(looksOf(RequestQueue)).toBe(0));

  it('would wake up all the time, without the patch, of the release that the patch is for', async () => {
    expect(version).toBe(PATCHED_VERSION);
    let unpatched: typeof RequestQueueOfKafkajs | undefined;
    await jest.isolateModulesAsync(async () => {
      unpatched = (await import('kafkajs/src/network/requestQueue')).default;
    });
    expect(looksOf(unpatched!)).toBeGreaterThan(100);
  });

  it('sends what waits because the broker asked for a pause, when the pause is over', () => {
    const { queue } = queueOf(RequestQueue);
    const sent = jest.fn();
    queue.maybeThrottle(500);
    const entry = { correlationId: 1, resolve: () => undefined, reject: () => undefined };
    queue.push({ entry, expectResponse: true, sendRequest: sent });
    jest.advanceTimersByTime(499);
    expect(sent).not.toHaveBeenCalled();
    jest.advanceTimersByTime(2);
    expect(sent).toHaveBeenCalledTimes(1);
    queue.destroy();
  });
});

describe('requests', () => {
  const record = (key: string, bytes: number) => ({
    topic: key < 'm' ? 'first' : 'second',
    record: { key, value: 'x'.repeat(bytes) },
  });
  const keysOf = (all: ReturnType<typeof requestsOf>) =>
    all.map((request) => request.map(({ topic, messages }) => [topic, ...messages.map(({ key }) => key)]));

  it('hold as many records as fit, by topic, in their order', () => {
    const records = [record('a', 300), record('z', 300), record('b', 300), record('y', 300)];
    expect(keysOf(requestsOf(records, 1_000))).toEqual([
      [
        ['first', 'a', 'b'],
        ['second', 'z'],
      ],
      [['second', 'y']],
    ]);
  });

  it('hold a record that is too large by itself alone', () => {
    expect(keysOf(requestsOf([record('a', 1), record('b', 5_000), record('c', 1)], 1_000))).toEqual([
      [['first', 'a']],
      [['first', 'b']],
      [['first', 'c']],
    ]);
  });

  it('count bytes, and those of headers too', () => {
    const headed = (key: string) => ({
      topic: 't',
      record: { key, value: 'é'.repeat(100), headers: { name: 'é'.repeat(250) } },
    });
    expect(requestsOf([headed('a'), headed('b')], 1_000)).toHaveLength(2);
  });
});

describe('the relay’s checkpoint', () => {
  const position = positionOf(7n);
  const upTo = { storeId: STORE_ID, position: positionOf(9n, 8n), eventId: 'e', eventPosition: position };

  it('is stored with positions as text', () => {
    expect(JSON.parse(textOfCheckpoint({ storeId: STORE_ID, upTo, count: 3, epoch: 2 }))).toEqual({
      v: 1,
      storeId: STORE_ID,
      commit: '00000000000000000009',
      prepare: '00000000000000000008',
      eventId: 'e',
      eventPosition: { commit: '00000000000000000007', prepare: '00000000000000000007' },
      count: 3,
      epoch: 2,
    });
  });

  it.each([{ upTo }, { upTo: null }])('is read as it was stored: $upTo', (part) => {
    const checkpoint = { storeId: STORE_ID, count: 3, epoch: 2, ...part };
    expect(checkpointOfText(textOfCheckpoint(checkpoint))).toEqual(checkpoint);
  });

  it('of a newer release is refused', () => {
    expect(() => checkpointOfText('{"v":2}')).toThrow('upgrade this process');
  });
});
