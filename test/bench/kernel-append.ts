/**
 * Commands per second through the write path (`Aggregates.change` of a toy aggregate: queue, fold, decide, validate, derive ids,
 * append at the exact revision), with no readers, beside the bare driver that writes the same rows in the same groups.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aggregates } from '#src/kernel/aggregates';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { bareDriver, METADATA, newEvent } from './servers/bare-driver';
import { median, table } from './servers/child';
import { PutOnShelf, put, shelf, ShelfPath } from './servers/shelf';
import { number, verdict } from './servers/verdict';

const CALLERS = [1, 16, 64, 256];
/** Each caller goes from one of its streams to the next. */
const STREAMS_OF_A_CALLER = 16;
const ROUNDS = 15;
const ROUND_MILLISECONDS = 110;
const AIM = 70;

interface Contestant {
  /** Appends one event of about 700 bytes to the stream with this number. */
  readonly append: (stream: number) => Promise<unknown>;
  readonly close: () => unknown;
}

function floor(file: string, streams: number): Contestant {
  const driver = bareDriver(file);
  const revisions = new Array<number>(streams).fill(0);
  return { append: (stream) => driver.append(stream, revisions[stream]!++, newEvent()), close: () => driver.close() };
}

async function writePath(file: string, streams: number): Promise<Contestant> {
  const store = await SqliteEventStore.open({ file });
  const shelves = new Aggregates(new ShelfPath(store), shelf);
  const ids = Array.from({ length: streams }, () => randomUUID());
  return {
    append: (stream) => {
      const commandId = randomUUID();
      const context = { ...METADATA, commandId, correlationId: commandId, causationId: commandId };
      return shelves.change(new PutOnShelf(context, {}), ids[stream]!, { decide: put });
    },
    close: () => store.close(),
  };
}

interface Result {
  readonly perSecond: number;
  /** Processor time of this process per append, in microseconds: steadier than the rate on a busy machine. */
  readonly cpu: number;
}

/** So many callers, each of which appends again when it was answered. */
async function round({ append }: Contestant, callers: number): Promise<Result> {
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const end = started + ROUND_MILLISECONDS;
  let count = 0;
  const caller = async (_: unknown, n: number) => {
    for (let i = 0; performance.now() < end; i++) {
      await append(n * STREAMS_OF_A_CALLER + (i % STREAMS_OF_A_CALLER));
      count++;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const perSecond = (count / (performance.now() - started)) * 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond, cpu: (user + system) / count };
}

async function compare(callers: number, folder: string): Promise<{ rows: string[][]; percent: number }> {
  const streams = callers * STREAMS_OF_A_CALLER;
  const contestants = [
    floor(join(folder, `${callers}-floor.db`), streams),
    await writePath(join(folder, `${callers}-path.db`), streams),
  ];
  const results: Result[][] = contestants.map(() => []);
  for (let i = -1; i < ROUNDS; i++) {
    for (const [n, contestant] of contestants.entries()) {
      const result = await round(contestant, callers);
      if (i >= 0) results[n]!.push(result); // the first round warms up
    }
  }
  for (const { close } of contestants) await close();
  // Two rounds side by side are compared, because the disk is faster now and slower then.
  const percent = 100 * median(results[1]!.map(({ perSecond }, i) => perSecond / results[0]![i]!.perSecond));
  const row = (name: string, of: Result[], share: string) => [
    String(callers),
    name,
    number(median(of.map(({ perSecond }) => perSecond))),
    median(of.map(({ cpu }) => cpu)).toFixed(1),
    share,
  ];
  const rows = [row('bare driver', results[0]!, ''), row('write path', results[1]!, `${percent.toFixed(0)} %`)];
  return { rows, percent };
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-kernel-append-'));
  const rows: string[][] = [];
  const verdicts: string[] = [];
  for (const callers of CALLERS) {
    const compared = await compare(callers, folder);
    rows.push(...compared.rows);
    if (callers === 64)
      verdicts.push(verdict('of the bare driver, 64 callers', compared.percent, { atLeast: AIM, unit: ' %' }));
  }
  rmSync(folder, { recursive: true });
  console.log(table(['callers', 'what', 'appends/s', 'CPU µs per append', 'of the floor'], rows));
  console.log(`\n${verdicts.join('\n')}`);
}

void main();
