import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeptProcess } from '../support/kept-process';
import { ShiftedClock } from '../support/nemesis/clock';
import { type FaultKind, faultKinds, planOf, type Shares } from '../support/nemesis/faults';
import { SmallDisk } from '../support/nemesis/small-disk';
import { startProgram } from '../support/programs';
import { Random } from '../support/random';
import { tempFolder } from '../support/temp-folder';

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the plan of a nemesis', () => {
  const all = Object.fromEntries(faultKinds.map((kind) => [kind, 1])) as Shares;
  const planned = (seed: number, shares = all) => planOf(new Random(seed), 600, 40, shares);

  it('is the same for the same seed, and another one for another', () => {
    expect(planned(1)).toEqual(planned(1));
    expect(planned(1)).not.toEqual(planned(2));
  });

  it('has every kind, in the order of the orders, and none that has no share', () => {
    const kinds = new Set(planned(3).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([...faultKinds].sort());
    const orders = planned(3).map((fault) => fault.orders);
    expect(orders).toEqual([...orders].sort((a, b) => a - b));
    expect(orders.at(-1)).toBeLessThan(600);
    const only: Partial<Record<FaultKind, number>> = { killed: 1 };
    expect(new Set(planned(3, only).map(({ kind }) => kind))).toEqual(new Set(['killed']));
  });
});

describe('a program that is kept running', () => {
  const keep = () =>
    new KeptProcess({
      name: 'The holder',
      where: /^(locked)$/,
      start: () => startProgram('hold-data-folder', [folder]),
    });

  it('is started again when it ends, and an end that nobody asked for is told', async () => {
    const kept = keep();
    await kept.kill();
    await kept.stop();
    expect(kept.unasked).toEqual([]);
    (await kept.process()).program.process.kill('SIGKILL');
    while (kept.unasked.length === 0) await sleep(10);
    await kept.process();
    expect(kept.unasked).toEqual([expect.stringContaining('It ended by itself with SIGKILL. The holder:')]);
    expect(await kept.end('SIGTERM')).toBe('SIGTERM');
    await expect(kept.process()).rejects.toThrow('does not come back');
    expect(kept.programs).toHaveLength(4);
  });

  it('that can not start is given up after a few tries', async () => {
    const other = keep();
    await other.process();
    const hopeless = keep();
    await expect(hopeless.process()).rejects.toThrow('ended with 0');
    while (hopeless.unasked.length < 6) await sleep(10);
    await other.end('SIGKILL');
  });
});

it('a shifted clock shows in every way to ask for the time, and leaves other dates and durations alone', () => {
  const clock = new ShiftedClock(folder, 'some one', 1_000);
  clock.set(86_400_000);
  const asks = `const began = performance.now(); console.log(JSON.stringify([
    Date.now(), new Date().getTime(), Date.parse(Date()), new Date(5).getTime(), new Date() instanceof Date, performance.now() - began < 60_000]))`;
  const env = { ...process.env, ...clock.env };
  const answer = JSON.parse(execFileSync(process.execPath, ['-e', asks], { env }).toString()) as (number | boolean)[];
  const ahead = answer.slice(0, 3).map((time) => Math.round((Number(time) - Date.now()) / 3_600_000));
  expect([...ahead, ...answer.slice(3)]).toEqual([24, 24, 24, 5, true, true]);
});

it('a small disk is full, or all but full, until it is freed', () => {
  const disk = SmallDisk.mount(folder, 4);
  // Where no disk may be mounted the nemesis leaves it out, and says so.
  if (!disk) return;
  const free = () => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  };
  try {
    expect(free()).toBeGreaterThan(3_000_000);
    disk.fill(65_536);
    expect(free()).toBe(65_536);
    disk.free();
    disk.fill(0);
    expect(free()).toBe(0);
    disk.free();
    expect(free()).toBeGreaterThan(3_000_000);
  } finally {
    disk.unmount();
  }
});
