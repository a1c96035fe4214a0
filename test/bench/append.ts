/**
 * Durable appends per second through the event-store port, one event of about 700 bytes at a time, beside the same rows written
 * with the bare driver: prepared statements, JSON, one transaction per turn of the event loop, a promise per caller, and
 * nothing else (no revision check, no names of streams, no limits, no lock handling).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NewEvent } from '#src/kernel/events';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { bareDriver, newEvent } from './servers/bare-driver';

const CALLERS = [1, 16, 64, 256];
const ROUNDS = 15;
const ROUND_MILLISECONDS = 110;

/** Appends one event to the caller's stream, whose next revision is given. */
type Append = (caller: number, revision: number, event: NewEvent) => Promise<unknown>;

interface Contestant {
  readonly append: Append;
  readonly close: () => unknown;
}

async function port(file: string, subscribed: boolean): Promise<Contestant> {
  const store = await SqliteEventStore.open({ file });
  const leaving = new AbortController();
  const followed = subscribed ? follow(store, leaving.signal) : undefined;
  return {
    append: (caller, revision, event) =>
      store.append(`cart-${caller}`, revision === 0 ? 'no_stream' : revision - 1, [event]),
    close: async () => {
      leaving.abort();
      await followed;
      await store.close();
    },
  };
}

async function follow(store: SqliteEventStore, signal: AbortSignal): Promise<void> {
  let quantity = 0;
  for await (const { events } of store.subscribe({ after: await store.head(), signal })) {
    for (const { data } of events) quantity += (data as { line: { quantity: number } }).line.quantity;
  }
  if (quantity === 0) throw new Error('The subscriber saw nothing.');
}

interface Result {
  readonly perSecond: number;
  /** Processor time of this process per append, in microseconds: steadier than the rate on a busy machine. */
  readonly cpu: number;
}

/** So many callers, each of which appends again when it was answered. */
async function round(append: Append, revisions: number[]): Promise<Result> {
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const end = started + ROUND_MILLISECONDS;
  let count = 0;
  await Promise.all(
    revisions.map(async (_, caller) => {
      while (performance.now() < end) {
        await append(caller, revisions[caller]!++, newEvent());
        count++;
      }
    }),
  );
  const perSecond = (count / (performance.now() - started)) * 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond, cpu: (user + system) / count };
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;

async function compare(callers: number, folder: string): Promise<void> {
  const names = ['bare driver', 'port', 'port, one subscriber'] as const;
  const file = (n: number) => join(folder, `${callers}-${n}.db`);
  const contestants = [bareDriver(file(0)), await port(file(1), false), await port(file(2), true)];
  const revisions = contestants.map(() => new Array<number>(callers).fill(0));
  const results: Result[][] = contestants.map(() => []);
  for (let i = -1; i < ROUNDS; i++) {
    for (const [n, { append }] of contestants.entries()) {
      const result = await round(append, revisions[n]!);
      if (i >= 0) results[n]!.push(result); // the first round warms up
    }
  }
  for (const { close } of contestants) await close();
  names.forEach((name, n) => {
    const ratio = median(results[n]!.map(({ perSecond }, i) => perSecond / results[0]![i]!.perSecond));
    const perSecond = Math.round(median(results[n]!.map((result) => result.perSecond))).toLocaleString('en');
    const cpu = median(results[n]!.map((result) => result.cpu)).toFixed(1);
    console.log(
      `${callers}`.padStart(7),
      name.padEnd(22),
      perSecond.padStart(10),
      ratio.toFixed(2).padStart(7),
      cpu.padStart(9),
    );
  });
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-append-'));
  console.log('Medians; each ratio is that of two rounds side by side.');
  console.log('callers what                    appends/s   ratio  CPU us/append');
  for (const callers of CALLERS) await compare(callers, folder);
  rmSync(folder, { recursive: true });
}

void main();
