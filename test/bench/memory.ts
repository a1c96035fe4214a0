/** Resident memory of the shop after its start with the demo catalogue, beside bare Fastify with one route and a database. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, startServer, table } from './servers/child';
import { residentMemory, startMain } from './servers/main-process';
import { number, verdict } from './servers/verdict';

const ROUNDS = 3;
/** What has settled by then stays. */
const LATER_MS = 3_000;
const AIM_MB = 200;

/** Resident memory in MB: at once, and a little later. */
type Memory = readonly [start: number, later: number];

async function twice(memory: () => number): Promise<Memory> {
  const start = memory() / 1e6;
  await sleep(LATER_MS);
  return [start, memory() / 1e6];
}

async function ofFloor(): Promise<Memory> {
  const floor = await startServer('floor');
  const measured = await twice(() => residentMemory(floor.process.pid!));
  await floor.stop();
  return measured;
}

async function ofShop(folder: string): Promise<Memory> {
  const shop = await startMain(folder);
  const measured = await twice(shop.memory);
  await shop.stop();
  return measured;
}

async function main(): Promise<void> {
  const floor: Memory[] = [];
  const first: Memory[] = [];
  const next: Memory[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-memory-'));
    floor.push(await ofFloor());
    first.push(await ofShop(folder));
    next.push(await ofShop(folder));
    rmSync(folder, { recursive: true, force: true });
  }
  const of = (measured: readonly Memory[], when: 0 | 1) => median(measured.map((memory) => memory[when]));
  const row = (name: string, measured: readonly Memory[]) => [name, number(of(measured, 0)), number(of(measured, 1))];
  console.log(
    table(
      ['resident memory', 'after the start, MB', `${LATER_MS / 1_000} s later, MB`],
      [
        row('bare Fastify', floor),
        row('first start, which makes the demo', first),
        row('next start, with the demo there', next),
      ],
    ),
  );
  const most = Math.max(...[first, next].flatMap((measured) => [of(measured, 0), of(measured, 1)]));
  console.log(`\n${verdict('the most of these', most, { atMost: AIM_MB, unit: ' MB' })}`);
}

void main();
