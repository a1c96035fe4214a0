/**
 * Lets a nemesis loose on whole shops, one after the other, each with a seed of its own, until the time is over.
 *
 *     npm run chaos -- [--minutes=<n>] [--seed=<n>] [--orders=<n>] [--shape=embedded|deployed] [--only=<kind>,…]
 *                   [--without=<kind>,…]
 *
 * Without `--minutes` it is one shop. Exit status 1: something did not hold; 2: wrong arguments.
 */
import { parseArgs } from 'node:util';
import type { RunningServer } from '../servers/java';
import { startMongoWireServer } from '../servers/mongo-wire-server';
import { Random } from '../random';
import { describeViolation } from './conservation';
import { DeployedTarget } from './deployed-target';
import { EmbeddedTarget } from './embedded-target';
import { type FaultKind, faultKinds, isFaultKind } from './faults';
import { letLoose } from './nemesis';

const say = (line: string) => console.log(line);

interface Chaos {
  readonly minutes: number;
  readonly seed: number;
  readonly orders: number;
  readonly shape: 'embedded' | 'deployed';
  /** null: all that there are. */
  readonly only: readonly FaultKind[] | null;
  readonly without: readonly FaultKind[];
}

class Misuse extends Error {}

function chaosOf(args: readonly string[]): Chaos {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
      orders: { type: 'string' },
      shape: { type: 'string', default: 'embedded' },
      only: { type: 'string' },
      without: { type: 'string' },
    },
  });
  const { shape } = values;
  if (shape !== 'embedded' && shape !== 'deployed') throw new Misuse('--shape is embedded or deployed.');
  return {
    minutes: numberOf('minutes', values.minutes),
    seed: numberOf('seed', values.seed),
    orders: numberOf('orders', values.orders ?? (shape === 'embedded' ? '600' : '200')),
    shape,
    only: kindsOf(values.only) ?? null,
    without: kindsOf(values.without) ?? [],
  };
}

const kindsOf = (text: string | undefined): FaultKind[] | undefined =>
  text?.split(',').map((kind) => {
    if (!isFaultKind(kind)) throw new Misuse(`There is no fault ${kind}; there are ${faultKinds.join(', ')}.`);
    return kind;
  });

function numberOf(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Misuse(`--${name} is a whole number.`);
  return Number(text);
}

/** One shop; whether all held. */
async function round(chaos: Chaos, seed: number, mongodb: RunningServer | null): Promise<boolean> {
  const { shape, orders, only, without } = chaos;
  const isWanted = (kind: FaultKind) => (only?.includes(kind) ?? true) && !without.includes(kind);
  say(`\n== seed ${seed}, ${shape}, ${orders} orders`);
  const target =
    mongodb === null ? await EmbeddedTarget.start() : await DeployedTarget.start(mongodb.address, new Random(seed));
  const interrupted = () => void target.remove().then(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
  try {
    for (const what of target.leftOut) say(`LEFT OUT: ${what}`);
    const { violations, summary } = await letLoose(target, { seed, orders, isWanted, says: say });
    say(summary);
    for (const violation of violations) say(describeViolation(violation));
    const again = `npm run chaos -- --seed=${seed} --shape=${shape} --orders=${orders}`;
    say(violations.length === 0 ? 'All held.' : `${violations.length} checks not passed. Once more: ${again}`);
    return violations.length === 0;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupted);
    await target.remove();
  }
}

async function main(): Promise<number> {
  const chaos = chaosOf(process.argv.slice(2));
  const mongodb = chaos.shape === 'deployed' ? await startMongoWireServer() : null;
  const failed: number[] = [];
  const until = performance.now() + chaos.minutes * 60_000;
  let seed = chaos.seed;
  let shops = 0;
  try {
    do {
      if (!(await round(chaos, seed, mongodb))) failed.push(seed);
      shops++;
      seed++;
    } while (performance.now() < until);
  } finally {
    await mongodb?.kill();
  }
  if (failed.length > 0) say(`\nNot all held in the shops of seed ${failed.join(', ')}.`);
  say(`\n${shops - failed.length} passed, ${failed.length} failed, 0 skipped`);
  return failed.length === 0 ? 0 : 1;
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    console.error(error instanceof Misuse ? error.message : error);
    process.exit(error instanceof Misuse ? 2 : 1);
  },
);
