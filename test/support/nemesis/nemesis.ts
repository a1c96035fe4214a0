import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '#src/kernel/events';
import { Random } from '../random';
import { contradictions } from '../shop-client';
import { leftWhenStill } from '../shop-folder';
import { findingsByArea } from '../shop-invariants';
import { ShoppingLoad } from '../shopping-load';
import { conservation, type Evidence, type Violation } from './conservation';
import { describeFault, type FaultKind, planOf, type PlannedFault, type Shares } from './faults';
import type { Happening } from './story';
import type { Target } from './target';

const SHOPPERS = 24;
const NAME_CHANGERS = 3;
/** In stock of each thing: everybody wants the same few, and some sell out. */
const STOCKS = [5_000, 5_000, 5_000, 5_000, 300, 30];
/** Orders per fault: with fewer, nothing would be bought between two; with more, little would happen to most. */
const ORDERS_PER_FAULT = 30;
/** So long nothing may happen before an order that is half-way counts as forgotten, in milliseconds: longer than any process waits. */
const STUCK_AFTER_MS = 45_000;
/** So long after the last fault the slowest shopper may take, with the orders that are left, in milliseconds. */
const ANSWERED_WITHIN_MS = 90_000;

export interface NemesisOptions {
  readonly seed: number;
  readonly orders: number;
  /** Of what can be done to the shop. Default: all. */
  readonly isWanted?: (kind: FaultKind) => boolean;
  /** Hears what happens. */
  readonly says?: (line: string) => void;
}

export interface NemesisReport {
  readonly violations: readonly Violation[];
  /** One line for a person. */
  readonly summary: string;
}

/**
 * Lets people shop, and somebody do to the shop what the seed says; lets everything heal and come to rest; then says what is not as it
 * must be. The same seed makes the same plan of faults and of shopping, as far as the machine lets it.
 */
export async function letLoose(target: Target, options: NemesisOptions): Promise<NemesisReport> {
  const { seed, orders, isWanted = () => true, says = () => undefined } = options;
  const random = new Random(seed);
  const plan = planOf(random.fork(), orders, Math.ceil(orders / ORDERS_PER_FAULT), sharesOf(target, isWanted));
  const size = { shoppers: SHOPPERS, stocks: STOCKS, nameChangers: NAME_CHANGERS, orders };
  const load = await ShoppingLoad.start(target.url, target.admin, random.fork(), size);
  const happenings: Happening[] = [];
  const broken: string[] = [];
  const began = performance.now();
  const happens = (what: string) => {
    happenings.push({ at: new Date().toISOString(), what });
    says(`${((performance.now() - began) / 1_000).toFixed(1)} s, ${load.orders} orders: ${what}`);
  };
  try {
    for (const fault of plan) await inflict(target, load, fault, happens);
    happens('the last fault is over');
    await finished(load, orders);
  } catch (error) {
    broken.push(String(error), target.lastWords());
  }
  const left = await leftWhenStill(() => target.readLog(), STUCK_AFTER_MS, target.storeClock);
  happens(left.length === 0 ? 'everything has come to rest' : `${left.length} things are half-way`);
  const evidence = await gather(target, load, broken);
  const violations = conservation(evidence, happenings);
  return { violations, summary: summaryOf(load, evidence.log, plan) };
}

const sharesOf = ({ shares }: Target, isWanted: (kind: FaultKind) => boolean): Shares =>
  Object.fromEntries(Object.entries(shares).filter(([kind]) => isWanted(kind as FaultKind)));

async function inflict(
  target: Target,
  load: ShoppingLoad,
  fault: PlannedFault,
  happens: (what: string) => void,
): Promise<void> {
  await load.hasOrdered(fault.orders);
  await sleep(fault.delay);
  happens(describeFault(fault));
  await target.inflict(fault);
}

/** Resolves when so many orders were accepted, and everybody has left. @throws Error when somebody is not answered */
async function finished(load: ShoppingLoad, orders: number): Promise<void> {
  const done = load.hasOrdered(orders).then(() => load.finish());
  const late = sleep(ANSWERED_WITHIN_MS, 'late' as const, { ref: false });
  if ((await Promise.race([done, late])) === 'late')
    throw new Error(`After ${ANSWERED_WITHIN_MS / 1_000} s nobody has answered ${load.unheard.join(', ')}.`);
}

async function gather(target: Target, load: ShoppingLoad, broken: readonly string[]): Promise<Evidence> {
  const stopped = await target.stop();
  const log = await target.readLog();
  return {
    log,
    found: findingsByArea(log, target.books(), target.storeClock),
    contradictions: contradictions(load.clients, log),
    surprises: [...broken, ...load.surprises.map((what) => [what, ...target.said(what)].join('\n      '))],
    alarms: [...target.alarms(), ...stopped],
    readModels: await target.readModels(),
    verified: await target.verify(),
  };
}

function summaryOf(load: ShoppingLoad, log: readonly RecordedEvent[], plan: readonly PlannedFault[]): string {
  const count = (type: string) => log.filter((event) => event.type === type).length;
  const { answered } = load;
  return (
    `${plan.length} faults, ${answered.length} commands answered, ` +
    `${answered.filter(({ unanswered }) => unanswered > 0).length} of them after tries that were not; ${log.length} events, ` +
    `${count('CartCheckedOut')} orders: ${count('OrderConfirmed')} confirmed, ${count('OrderRejected')} rejected, ` +
    `${count('OrderCancelled')} cancelled; ${count('PaymentRefunded')} refunds; ${count('GuestLinked')} guests with an account`
  );
}
