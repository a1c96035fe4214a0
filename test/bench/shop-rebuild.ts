/**
 * A log of 100,000 events of a shop: how fast all its read models are rebuilt from nothing, beside only reading the log; and how long
 * a start of the shop takes with that log, with its read models kept and without them, beside a start with an empty log.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, table } from './servers/child';
import { startMain } from './servers/main-process';
import type { Rebuilt } from './servers/rebuild';
import { writeLog } from './servers/recorded-log';
import { number, verdict } from './servers/verdict';

const EVENTS = 100_000;
const ROUNDS = 3;
const AIM_PER_SECOND = 50_000;
const AIM_SECONDS = 5;

/** In a process of its own, because a rebuild happens at a start: nothing is warm yet. */
const rebuild = (folder: string): Rebuilt =>
  JSON.parse(
    execFileSync(process.execPath, [join(__dirname, 'servers', 'rebuild.js'), folder], { encoding: 'utf8' }),
  ) as Rebuilt;

/** Seconds until it is open. */
async function start(folder: string): Promise<number> {
  const shop = await startMain(folder, '--no-demo');
  await shop.stop();
  return shop.openAfter / 1_000;
}

function forgetReadModels(folder: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `read-models.db${end}`), { force: true });
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-log-'));
  const empty = mkdtempSync(join(tmpdir(), 'bench-empty-'));
  const events = await writeLog(folder, EVENTS);
  const rebuilt = Array.from({ length: ROUNDS }, () => rebuild(folder));
  await start(empty);
  const starts: Record<'empty' | 'kept' | 'gone', number[]> = { empty: [], kept: [], gone: [] };
  for (let n = 0; n < ROUNDS; n++) {
    starts.empty.push(await start(empty));
    forgetReadModels(folder);
    starts.gone.push(await start(folder));
    starts.kept.push(await start(folder));
  }
  for (const each of [folder, empty]) rmSync(each, { recursive: true, force: true });

  const perSecond = (of: (rebuilt: Rebuilt) => number) => median(rebuilt.map((each) => (1_000 * events) / of(each)));
  const rebuilding = perSecond(({ rebuildMs }) => rebuildMs);
  const reading = perSecond(({ readMs }) => readMs);
  const rate = (what: string, rate: number) => [what, number(rate), (1e6 / rate).toFixed(1)];
  console.log(
    table(
      [`${number(events)} events`, 'events/s', 'µs per event'],
      [rate('only reading and parsing the log', reading), rate('rebuilding all read models', rebuilding)],
    ),
  );
  const row = (what: string, of: readonly number[]) => [what, median(of).toFixed(2)];
  console.log();
  console.log(
    table(
      ['start', 'open after, s'],
      [
        row('an empty log', starts.empty),
        row(`${number(events)} events, read models kept`, starts.kept),
        row(`${number(events)} events, read models gone`, starts.gone),
      ],
    ),
  );
  console.log(`\n${verdict('rebuild, events/s', rebuilding, { atLeast: AIM_PER_SECOND })}`);
  console.log(verdict(`start with ${number(events)} events`, median(starts.kept), { atMost: AIM_SECONDS, unit: ' s' }));
}

void main();
