import 'reflect-metadata';
import { FirstAdmin } from '#src/accounts/first-admin';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '#src/config';
import type { ProcessStatus } from '#src/kernel/processes/process-runner';
import { Random } from '#src/demo/random';
import { seedDemo } from '#src/demo/seed';
import { AskedShop } from '#src/demo/trade/asked-shop';
import { wareList } from '#src/demo/trade/on-sale';
import { Seller } from '#src/demo/trade/seller';
import { type Habits, visits } from '#src/demo/trade/visits';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import type { NewEvent, RecordedEvent } from '#src/kernel/events';
import { positionOf, stampOf } from '#src/kernel/position';
import { openShop, type Shop } from '#src/app/open-shop';

const VISITS = 500;
const SEED = 20_260_131;
/** Two of five leave their carts; of those who order, a few can't pay, and a few give the order up. */
const HABITS = {
  comeAgain: 0,
  things: [2, 2],
  haveFavourites: false,
  takeOut: 0,
  takeMore: 1,
  leave: 0.4,
  giveBack: 0.07,
  payments: [...Array<string>(13).fill('test-approved'), 'test-declined', 'test-declined'],
} satisfies Partial<Habits>;
const SIDE_BY_SIDE = 30;
const PAGE = 1_000;
/** So many appends are under way at once. */
const APPENDS = 500;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const STAMP = /\d{20}\/\d{20}/g;

/**
 * Fills an empty data folder with a log of at least so many events, as a shop writes it. The demo catalogue and a day of trade on
 * it (stock comes in, prices change, carts are filled, left or checked out, orders are confirmed, rejected and cancelled) are made
 * by the shop itself; then that day is repeated, event by event, with other carts, orders and payments. Answers the number of events.
 *
 * What the repeated days hold sealed can't be opened: there are no keys under their ids.
 */
export async function writeLog(folder: string, events: number): Promise<number> {
  const env = { DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'warn', RATE_LIMITS: 'off' };
  const shop = await openShop(loadConfig(env, []));
  await shop.open();
  await seedDemo(shop.app);
  const url = await shop.app.getUrl();
  const admin = await logIn(shop, url);
  await quiet(shop);
  const before = await read(shop.servers.store, 0);
  await passDay(url, admin);
  await quiet(shop);
  await shop.stop();
  const store = await SqliteEventStore.open({ file: join(folder, 'events.db') });
  try {
    return await repeat(store, before, await read(store, before.length), events);
  } finally {
    await store.close();
  }
}

/** A day of trade: stock comes in, more than the visitors can take away, and prices change; then people come in. */
async function passDay(url: string, admin: string): Promise<void> {
  const shop = new AskedShop(url);
  const wares = await wareList(shop, 'EUR');
  const seller = new Seller(shop, admin);
  const goods = [...wares.entries()];
  for (let from = 0; from < goods.length; from += SIDE_BY_SIDE)
    await Promise.all(
      goods.slice(from, from + SIDE_BY_SIDE).map(async ([n, ware]) => {
        await seller.receives(ware, 20);
        if (n % 20 === 0) await seller.reprice(ware, 1_010);
      }),
    );
  await visits({ shop, wares, random: new Random(SEED), visitors: VISITS, habits: HABITS, sideBySide: SIDE_BY_SIDE });
}

/** The token of the shop's first admin. */
async function logIn({ app }: Shop, url: string): Promise<string> {
  const first = app.get(FirstAdmin, { strict: false });
  const { email, password } = ((await first.ensure()) ?? (await first.reset()))!;
  const { answer } = await new AskedShop(url).ask('POST', '/api/auth/login', {
    body: { email, password },
    expect: [200],
  });
  return answer.accessToken as string;
}

/** Everything after the first `from` events. */
async function read(store: EventStore, from: number): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await store.readAll({ from: positionOf(from + events.length), limit: PAGE });
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}

/** Until processes and read models have nothing left to do. */
async function quiet({ servers, feed, processes }: Shop): Promise<void> {
  for (let calm = 0; calm < 5; calm++) {
    await sleep(20);
    const head = await servers.store.head();
    const status = await processes.status();
    const { commandsInFlight, instancesWaiting } = status as ProcessStatus;
    const isBehind = feed.status().some(({ position }) => position?.commit !== head?.commit);
    if (commandsInFlight + instancesWaiting > 0 || isBehind) calm = 0;
  }
}

/** Appends the day again and again, with new ids for everything that began on it. */
async function repeat(
  store: EventStore,
  before: readonly RecordedEvent[],
  day: readonly RecordedEvent[],
  atLeast: number,
): Promise<number> {
  const known = new Set(before.flatMap((event) => JSON.stringify(event).match(UUID) ?? []));
  const lengths = new Map([...before, ...day].map(({ stream, revision }) => [stream, revision + 1]));
  let length = before.length + day.length;
  for (let copy = 1; length < atLeast; copy++) {
    const shift = length - before.length;
    const first = copy.toString(16).padStart(8, '0');
    const text = JSON.stringify(day)
      .replace(UUID, (id) => (known.has(id) ? id : first + id.slice(8)))
      .replace(STAMP, (stamp) => stampOf(positionOf(Number(stamp.slice(0, 20)) + shift)));
    await appendInOrder(store, JSON.parse(text) as RecordedEvent[], lengths);
    length += day.length;
  }
  return length;
}

/** Events of one stream that follow each other are one append. */
async function appendInOrder(
  store: EventStore,
  events: readonly RecordedEvent[],
  lengths: Map<string, number>,
): Promise<void> {
  let appends: Promise<unknown>[] = [];
  for (let from = 0, to = 0; from < events.length; from = to) {
    const { stream } = events[from]!;
    while (to < events.length && events[to]!.stream === stream) to++;
    const own = events.slice(from, to).map(({ id, type, data, metadata }): NewEvent => ({ id, type, data, metadata }));
    const length = lengths.get(stream) ?? 0;
    lengths.set(stream, length + own.length);
    appends.push(store.append(stream, length === 0 ? 'no_stream' : length - 1, own));
    if (appends.length < APPENDS) continue;
    await Promise.all(appends);
    appends = [];
  }
  await Promise.all(appends);
}
