/**
 * Lives of process instances per second: an event, a reaction with three commands, their settlement with a reaction that has
 * two more, their settlement, another event and the reaction to it: four appends of six events to the instance's stream. Commands
 * do nothing here, and are answered at once. Beside it the floor: the very same appends, in the same order, by as many callers, to
 * an event store and nothing else.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Type from 'typebox';
import { WritePath } from '#src/kernel/aggregates';
import { SystemClock } from '#src/kernel/clock';
import { Command } from '#src/kernel/commands';
import { defineEvents, EventRegistry, v1, type EventOf } from '#src/kernel/event-definitions';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import type { NewEvent, RecordedEvent } from '#src/kernel/events';
import { Feed } from '#src/kernel/feed/feed';
import { deriveId, newId } from '#src/kernel/ids';
import { issue, type Process } from '#src/kernel/processes/process';
import { processEvents } from '#src/kernel/processes/process.events';
import { ProcessRunner } from '#src/kernel/processes/process-runner';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { Secrets } from '#src/kernel/secrets';

const CALLERS = [16, 64, 256];
const ROUNDS = 3;
const LIVES_PER_ROUND = 1_500;

const errandEvents = defineEvents('errand', {
  ErrandBegun: v1({ lines: Type.Array(Type.Object({ variantId: Type.String(), quantity: Type.Integer() })) }),
  ErrandPaid: v1({}),
});
type ErrandEvent = EventOf<typeof errandEvents>;

class Fetch extends Command<
  { variantId: string; quantity: number; reservationId: string },
  { readonly revision: number }
> {}

interface Errand {
  readonly phase: 'none' | 'fetching' | 'delivering' | 'done';
  readonly lines: readonly { readonly variantId: string; readonly quantity: number }[];
}

const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);
const fetchOf = (line: Errand['lines'][number]) =>
  issue(Fetch, { ...line, reservationId: deriveId(line.variantId, 'reservation') });

const errands: Process<Errand, ErrandEvent> = {
  name: 'errands',
  stateVersion: 1,
  initial: { phase: 'none', lines: [] },
  on: { ErrandBegun: ({ stream }) => idOf(stream), ErrandPaid: ({ stream }) => idOf(stream) },
  commands: [Fetch],
  react(errand, input) {
    if (input.kind === 'event' && input.event.type === 'ErrandBegun') {
      const { lines } = input.event.data;
      return { state: { phase: 'fetching', lines }, commands: lines.map(fetchOf) };
    }
    if (input.kind === 'event') return { state: { ...errand, phase: 'done' } };
    if (errand.phase !== 'fetching') return null;
    return { state: { ...errand, phase: 'delivering' }, commands: errand.lines.slice(1).map(fetchOf) };
  },
};

class BenchPath extends WritePath {
  override readonly registry = new EventRegistry([errandEvents, processEvents]);
  override readonly clock = new SystemClock();
  constructor(override readonly store: EventStore) {
    super();
  }
  override warn(message: string): void {
    throw new Error(message);
  }
}

const newEvent = (type: ErrandEvent['type'], data: object): NewEvent => {
  const id = newId();
  const actor = { kind: 'system', id: 'bench' };
  const occurredAt = new Date().toISOString();
  const metadata = { v: 1, commandId: id, payloadHash: '', correlationId: id, causationId: id, actor, occurredAt };
  return { id, type, data: data as NewEvent['data'], metadata };
};
const begun = () => newEvent('ErrandBegun', { lines: [1, 2, 3].map((quantity) => ({ variantId: newId(), quantity })) });

interface Measured {
  /** Lives per second. */
  readonly perSecond: number;
  /** Processor time of this process per life, in microseconds. */
  readonly cpu: number;
}

async function measured(lives: number, work: () => Promise<unknown>): Promise<Measured> {
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond: lives / seconds, cpu: (user + system) / lives };
}

/** `callers` at once, until `count` times `one` was done. */
async function inParallel(callers: number, count: number, one: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** The runner between a feed and handlers that do nothing; resolves each life when its last reaction is stored. */
async function withRunner(file: string, callers: number): Promise<{ measured: Measured; log: RecordedEvent[] }> {
  const store = await SqliteEventStore.open({ file });
  const waiting = new Map<string, { appends: number; resolve: () => void }>();
  const counting = new Proxy(store, {
    get: (target, name) => {
      const member = Reflect.get(target, name, target) as unknown;
      if (typeof member !== 'function') return member;
      if (name !== 'append') return member.bind(target) as unknown;
      return async (...[stream, expected, events]: Parameters<EventStore['append']>) => {
        const appended = await target.append(stream, expected, events);
        const life = waiting.get(stream);
        if (life && --life.appends === 0) life.resolve();
        return appended;
      };
    },
  });
  const path = new BenchPath(counting);
  const secrets = Secrets.from(newId());
  const readModels = new MemoryReadModelStore({ file: null });
  const runner = new ProcessRunner({
    storeId: 'store',
    processes: [errands],
    path,
    readModels,
    payloadHash: (text) => secrets.payloadHash(text),
    execute: async () => ({ revision: 0 }),
  });
  const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
  const feed = new Feed({ store: counting, registry: path.registry, storeId: newId(), logger: silent });
  feed.add(runner);
  await feed.start();

  const appends = (stream: string, count: number) =>
    new Promise<void>((resolve) => waiting.set(stream, { appends: count, resolve }));
  const life = async () => {
    const id = newId();
    const fetched = appends(`errands-${id}`, 3);
    await store.append(`errand-${id}`, 'no_stream', [begun()]);
    await fetched;
    const ended = appends(`errands-${id}`, 1);
    await store.append(`errand-${id}`, 0, [newEvent('ErrandPaid', {})]);
    await ended;
    waiting.delete(`errands-${id}`);
  };
  const result = await measured(LIVES_PER_ROUND, () => inParallel(callers, LIVES_PER_ROUND, life));
  await feed.stop();
  const log = await store.readAll({ limit: LIVES_PER_ROUND * 10 });
  await store.close();
  await readModels.close();
  return { measured: result, log };
}

/** The appends of such a run, each life one after another. */
async function floor(file: string, callers: number, log: readonly RecordedEvent[]): Promise<Measured> {
  const lives = new Map<string, RecordedEvent[][]>();
  for (const event of log) {
    const appends = lives.get(idOf(event.stream)) ?? [];
    lives.set(idOf(event.stream), appends);
    const last = appends.at(-1)?.at(-1);
    if (last?.metadata['commandId'] === event.metadata['commandId'] && last?.stream === event.stream)
      appends.at(-1)?.push(event);
    else appends.push([event]);
  }
  const all = [...lives.values()];
  const store = await SqliteEventStore.open({ file });
  const life = async (n: number) => {
    for (const events of all[n] ?? []) {
      const { stream, revision } = events[0] as RecordedEvent;
      const plain = events.map(({ id, type, data, metadata }) => ({ id, type, data, metadata }));
      await store.append(stream, revision === 0 ? 'no_stream' : revision - 1, plain);
    }
  };
  const result = await measured(all.length, () => inParallel(callers, all.length, life));
  await store.close();
  return result;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chronocart-bench-'));
  const file = () => join(folder, `${newId()}.db`);
  try {
    await withRunner(file(), 64);
    const rows = [];
    for (const callers of CALLERS) {
      const runs: Measured[] = [];
      const floors: Measured[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const run = await withRunner(file(), callers);
        runs.push(run.measured);
        floors.push(await floor(file(), callers, run.log));
      }
      const [perSecond, floorPerSecond] = [runs, floors].map((all) => median(all.map((one) => one.perSecond)));
      const [cpu, floorCpu] = [runs, floors].map((all) => median(all.map((one) => one.cpu)));
      rows.push({
        callers,
        'lives/s': Math.round(perSecond as number),
        'floor, lives/s': Math.round(floorPerSecond as number),
        'CPU/life, µs': Math.round(cpu as number),
        'floor, µs': Math.round(floorCpu as number),
        'runner alone, µs per append': Math.round(((cpu as number) - (floorCpu as number)) / 4),
        'of one core at 300 lives/s': `${Math.round((300 * (cpu as number)) / 10_000)} %`,
      });
    }
    console.table(rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
