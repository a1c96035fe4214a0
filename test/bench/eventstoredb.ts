/**
 * The EventStoreDB adapter beside the bare client, both against the node for tests in a process of its own: commands per second
 * through the write path (`Aggregates.change`) beside `appendToStream` of the same events, and events per second through the feed
 * beside a subscription that only counts.
 */
import { EventStoreDBClient, jsonEvent, START } from '@eventstore/db-client';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Aggregates } from '#src/kernel/aggregates';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { EventStoreDbEventStore } from '#src/kernel/event-store/eventstoredb-event-store';
import { Feed } from '#src/kernel/feed/feed';
import type { FeedReader } from '#src/kernel/feed/feed-reader';
import { deriveId, newId } from '#src/kernel/ids';
import { LINE, METADATA } from './servers/bare-driver';
import { median, table } from './servers/child';
import { PutOnShelf, put, shelf, ShelfPath, shelfRegistry } from './servers/shelf';
import { number, verdict } from './servers/verdict';

const CALLERS = [1, 16, 64];
/** Each caller goes from one of its streams to the next. */
const STREAMS_OF_A_CALLER = 16;
const ROUNDS = 15;
const ROUND_MILLISECONDS = 200;
const EVENTS_OF_THE_FEED = 20_000;
const ROUNDS_OF_THE_FEED = 9;
const AIM = 80;

/** Appends one event of about 700 bytes to the stream with this number. */
type Append = (stream: number) => Promise<unknown>;

function bareClient(client: EventStoreDBClient, streams: number): Append {
  const ids = Array.from({ length: streams }, () => randomUUID());
  const revisions = new Array<bigint>(streams).fill(-1n);
  return (stream) => {
    const revision = revisions[stream]!++;
    const event = jsonEvent({ id: newId(), type: 'ItemPutOnShelf', data: { line: LINE }, metadata: METADATA });
    const expectedRevision = revision < 0n ? 'no_stream' : revision;
    return client.appendToStream(`bare-${ids[stream]}`, event, { expectedRevision });
  };
}

function writePath(store: EventStore, streams: number, commandId: () => string): Append {
  const shelves = new Aggregates(new ShelfPath(store), shelf);
  const ids = Array.from({ length: streams }, () => randomUUID());
  return (stream) => {
    const id = commandId();
    const context = { ...METADATA, commandId: id, correlationId: id, causationId: id };
    return shelves.change(new PutOnShelf(context, {}), ids[stream]!, { decide: put });
  };
}

interface Result {
  readonly perSecond: number;
  /** Processor time of this process for each, in microseconds: steadier than the rate on a busy machine. */
  readonly cpu: number;
}

async function measured(work: () => Promise<number>): Promise<Result> {
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const count = await work();
  const perSecond = (count / (performance.now() - started)) * 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond, cpu: (user + system) / count };
}

/** So many callers, each of which appends again when it was answered. */
const appending = (append: Append, callers: number) =>
  measured(async () => {
    const end = performance.now() + ROUND_MILLISECONDS;
    let count = 0;
    const caller = async (_: unknown, n: number) => {
      for (let i = 0; performance.now() < end; i++) {
        await append(n * STREAMS_OF_A_CALLER + (i % STREAMS_OF_A_CALLER));
        count++;
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return count;
  });

const countingBare = (client: EventStoreDBClient) =>
  measured(async () => {
    let count = 0;
    const subscription = client.subscribeToAll({ fromPosition: START });
    await new Promise<void>((resolve, reject) => {
      subscription.on('error', reject);
      subscription.on('data', ({ event }) => {
        if (event?.type === 'ItemPutOnShelf' && ++count === EVENTS_OF_THE_FEED) resolve();
      });
    });
    await subscription.unsubscribe();
    return count;
  });

const countingFeed = (store: EventStore) =>
  measured(async () => {
    let count = 0;
    let done!: () => void;
    const all = new Promise<void>((resolve) => (done = resolve));
    const reader: FeedReader = {
      name: 'counter',
      handles: new Set(['ItemPutOnShelf']),
      start: async () => null,
      handle: async ({ events }) => {
        count += events.length;
        if (count >= EVENTS_OF_THE_FEED) done();
      },
    };
    const feed = new Feed({ store, registry: shelfRegistry, storeId: newId() });
    feed.add(reader);
    await feed.start();
    await all;
    await feed.stop();
    return EVENTS_OF_THE_FEED;
  });

interface Contestant {
  readonly name: string;
  readonly run: () => Promise<Result>;
}

/** Rounds of all contestants in turn; each is compared with the first in the same round, because the machine is busy now and idle then. */
async function compare(rounds: number, contestants: readonly Contestant[]) {
  const results: Result[][] = contestants.map(() => []);
  for (let i = -1; i < rounds; i++) {
    for (const [n, { run }] of contestants.entries()) {
      const result = await run();
      if (i >= 0) results[n]!.push(result); // the first round warms up
    }
  }
  return contestants.map(({ name }, n) => ({
    name,
    perSecond: median(results[n]!.map(({ perSecond }) => perSecond)),
    cpu: median(results[n]!.map(({ cpu }) => cpu)),
    percent: 100 * median(results[n]!.map(({ perSecond }, i) => perSecond / results[0]![i]!.perSecond)),
  }));
}

async function startNode(...options: string[]): Promise<{ url: string; child: ChildProcess }> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-eventstoredb-'));
  const program = join(__dirname, '..', 'support', 'eventstore-node', 'main.js');
  const child = spawn(process.execPath, [program, '--port=0', `--data=${folder}`, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.once('exit', () => rmSync(folder, { recursive: true }));
  for (const lines = createInterface({ input: child.stdout }); ;) {
    const [line] = (await once(lines, 'line')) as [string];
    if (line.startsWith('esdb://')) return { url: line, child };
  }
}

/** Runs `work` with the bare client and the adapter on a node of their own. */
async function onNode(work: (client: EventStoreDBClient, store: EventStore) => Promise<void>): Promise<void> {
  const { url, child } = await startNode();
  const client = EventStoreDBClient.connectionString(url);
  const store = await EventStoreDbEventStore.open(url);
  await work(client, store);
  await store.close();
  await client.dispose();
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function main(): Promise<void> {
  const rows: string[][] = [];
  const verdicts: string[] = [];
  for (const callers of CALLERS) {
    await onNode(async (client, store) => {
      const streams = callers * STREAMS_OF_A_CALLER;
      const contestant = (name: string, append: Append) => ({ name, run: () => appending(append, callers) });
      const compared = await compare(ROUNDS, [
        contestant('bare client: appendToStream', bareClient(client, streams)),
        contestant('write path', writePath(store, streams, newId)),
        contestant(
          'write path, idempotency keys',
          writePath(store, streams, () => deriveId(newId(), 'key')),
        ),
      ]);
      rows.push(...compared.map((of) => [String(callers), ...rowOf(of)]));
      const what = `commands/s of the bare client's appends/s, ${callers} callers`;
      verdicts.push(verdict(what, compared[1]!.percent, { atLeast: AIM, unit: ' %' }));
    });
  }
  await onNode(async (client, store) => {
    const append = writePath(store, 200, newId);
    const oneOfEach = () => Promise.all(Array.from({ length: 200 }, (_, stream) => append(stream)));
    for (let stored = 0; stored < EVENTS_OF_THE_FEED;) stored += (await oneOfEach()).length;
    const compared = await compare(ROUNDS_OF_THE_FEED, [
      { name: 'bare client: subscribeToAll', run: () => countingBare(client) },
      { name: 'feed', run: () => countingFeed(store) },
    ]);
    rows.push(...compared.map((of) => ['', ...rowOf(of)]));
    const what = "the feed's events/s of a subscription of the bare client";
    verdicts.push(verdict(what, compared[1]!.percent, { atLeast: AIM, unit: ' %' }));
  });
  console.log(table(['callers', 'what', 'per second', 'CPU µs each', 'of the bare client'], rows));
  console.log(`\n${verdicts.join('\n')}`);
}

const rowOf = ({ name, perSecond, cpu, percent }: Awaited<ReturnType<typeof compare>>[number]): string[] => [
  name,
  number(perSecond),
  number(cpu),
  `${percent.toFixed(0)} %`,
];

void main();
