import Database from 'libsql';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent } from '#src/kernel/events';
import { newId } from '#src/kernel/ids';
import { positionOf } from '#src/kernel/position';
import { startShop } from '../support/shop-app';
import { contradictions, ShopClient } from '../support/shop-client';
import { expectSound, inspectReadModels, readGatewayBooks, untilAtRest } from '../support/shop-folder';
import { findingsIn, type GatewayBooks } from '../support/shop-invariants';
import { delivery, stocked } from '../support/shopping';

/*
 * The other tests of this folder trust the checks of the whole log. Here these are checked: on the log of a day in the shop on
 * which everything happens that can, one thing after another is left out, done twice or made another, and each time it shows.
 */
let folder: string;
let log: RecordedEvent[];
let books: GatewayBooks;
const clients: ShopClient[] = [];

beforeAll(async () => {
  const shop = await startShop();
  folder = shop.folder;
  const [mug, bowl] = [await stocked(shop), await stocked(shop, { name: 'Bowl' })];
  const plate = await stocked(shop, { name: 'Plate', quantity: 0 });

  const comeIn = async (...wares: (typeof mug)[]) => {
    const client = await ShopClient.guest(async () => shop.url);
    clients.push(client);
    for (const ware of wares) await client.command('POST', '/api/cart/items', { body: { ...ware, quantity: 2 } });
    return client;
  };
  const order = async (client: ShopClient, payment: string) => {
    const { quote } = (await client.get('/api/cart')).body;
    const body = { quote, ...delivery(payment) };
    const answer = await client.command('POST', '/api/orders', { body, headers: { prefer: 'wait=10' } });
    return answer.body as { orderId: string; status: string };
  };

  const undecided = await comeIn(mug, bowl);
  const { lines } = (await undecided.get('/api/cart')).body;
  await undecided.command('PATCH', '/api/cart/items/:lineId', {
    at: { lineId: lines[0].lineId },
    body: { quantity: 5 },
  });
  await undecided.command('DELETE', '/api/cart/items/:lineId', { at: { lineId: lines[1].lineId } });
  await undecided.command('DELETE', '/api/cart/items/:lineId', { at: { lineId: newId() } }).then(() => {
    // Taking out what is not there changes nothing: it is answered, and it is no event.
    undecided.answered.pop();
  });
  const confirmed = await order(undecided, 'test-approved');
  const rejected = await order(await comeIn(mug, bowl), 'test-declined');
  const soldOut = await order(await comeIn(mug, plate), 'test-approved');
  const unknown = await order(await comeIn(bowl), 'test-timeout');
  const regretful = await comeIn(mug, bowl);
  const at = { orderId: (await order(regretful, 'test-approved')).orderId };
  const body = { reason: 'changed-mind' };
  const headers = { prefer: 'wait=10' };
  const cancelled = await regretful.command('POST', '/api/orders/:orderId/cancel', { at, body, headers });
  await regretful.command('POST', '/api/orders', { body: { quote: '1.forged', ...delivery() } });
  expect([confirmed, rejected, soldOut, unknown, cancelled.body].map(({ status }) => status)).toEqual([
    'confirmed',
    'rejected',
    'rejected',
    'confirmed',
    'cancelled',
  ]);

  const guest = await comeIn(mug, bowl);
  const person = { email: 'ada@example.com', password: 'a very ordinary day' };
  await guest.command('POST', '/api/auth/register', { body: { ...person, guestToken: guest.token } });
  await untilAtRest(folder);
  await shop.stop({ keepFolder: true });
  log = await expectSound(folder);
  books = readGatewayBooks(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the store would hold had these events been appended, each by its command, in this order. */
function stored(events: readonly RecordedEvent[]): RecordedEvent[] {
  const revisions = new Map<string, number>();
  const ids = new Set<string>();
  return events.map((event, n) => {
    const { stream } = event;
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    const id = ids.has(event.id) ? newId() : event.id;
    ids.add(id);
    return { ...event, position: positionOf(n + 1), recordedAt: log[0]!.recordedAt, revision, id };
  });
}

const anotherCommand = (event: RecordedEvent): RecordedEvent => ({
  ...event,
  metadata: { ...event.metadata, commandId: newId() },
});

const without = (n: number) => stored(log.filter((_, i) => i !== n));
const twice = (n: number) => stored(log.flatMap((event, i) => (i === n ? [event, anotherCommand(event)] : [event])));
const noticed = (changed: readonly RecordedEvent[]) => {
  const { violations, unfinished } = findingsIn(changed, books);
  return violations.length + unfinished.length > 0;
};

/** What follows from something before it, or has something follow from it. */
const isOfTheCourse = ({ type, stream, data }: RecordedEvent): boolean =>
  /^(cart|order|payment|stock|guest|checkout|cartMerge)-/.test(stream) &&
  !['StockReceived', 'PaymentOutcomeUnknown'].includes(type) &&
  !(type === 'Reacted' && (data['commands'] as unknown[]).length === 0) &&
  // It might have been cancelled a moment earlier.
  !(type === 'OrderConfirmed' && log.some((other) => other.type === 'OrderCancelled' && other.stream === stream));

it('the log as it was stored is what the checks below begin from', () => {
  expect(stored(log).map(({ id, revision }) => [id, revision])).toEqual(log.map(({ id, revision }) => [id, revision]));
  expect(findingsIn(stored(log), books)).toEqual({ violations: [], unfinished: [] });
  expect(log.filter(isOfTheCourse).length).toBeGreaterThan(80);
});

it('an event that is missing is noticed', () => {
  const unnoticed = log.filter((event, n) => isOfTheCourse(event) && !noticed(without(n)));
  expect(unnoticed.map(({ type, stream, revision }) => `${type} at ${stream}/${revision}`)).toEqual([]);
});

it('an event that is there twice is noticed', () => {
  const unnoticed = log.filter((event, n) => isOfTheCourse(event) && !noticed(twice(n)));
  expect(unnoticed.map(({ type, stream, revision }) => `${type} at ${stream}/${revision}`)).toEqual([]);
});

it('no prefix of the log violates anything, and all that is on its way is known to be', () => {
  for (let length = 0; length < log.length; length += 7) {
    expect(findingsIn(log.slice(0, length)).violations).toEqual([]);
  }
  const firstOrder = log.findIndex(({ type }) => type === 'CartCheckedOut');
  expect(findingsIn(log.slice(0, firstOrder + 1)).unfinished).toEqual([expect.stringContaining('it has not ended')]);
});

describe('the log itself', () => {
  const last = () => log.at(-1)!;
  const twoOnOneStream = () =>
    log.filter(({ stream }) => stream === log.find(({ type }) => type === 'OrderPlaced')!.stream);
  it.each<[string, () => RecordedEvent[], RegExp]>([
    ['two events at one position', () => [...log, { ...last(), revision: last().revision + 1, id: newId() }], /order/],
    ['time that goes back', () => [...log.slice(0, -1), { ...last(), recordedAt: '2001-01-01' }], /time goes back/],
    ['a revision that is left out', () => [...log.slice(0, -1), { ...last(), revision: 99 }], /comes after revision/],
    ['a command that comes again at once', () => stored([...log, last()]), /says again what its command has said/],
    [
      'data that does not fit its schema',
      () => [...log.slice(0, -1), { ...last(), data: { odd: 1 } }],
      /does not match its schema/,
    ],
    ['a command that comes again', () => stored([...log, twoOnOneStream()[0]!]), /had done before/],
    [
      'an event that comes again',
      () => [...log, { ...twoOnOneStream()[1]!, position: positionOf(9_999) }],
      /earlier event/,
    ],
  ])('%s is noticed', (_, change, why) => {
    expect(findingsIn(change()).violations).toContainEqual(expect.stringMatching(why));
  });

  it('a stock that is sold twice is noticed', () => {
    const sold = log.findIndex(({ type }) => type === 'StockReserved');
    const isReceipt = ({ type, stream }: RecordedEvent) => type === 'StockReceived' && stream === log[sold]!.stream;
    const { violations } = findingsIn(stored(log.filter((event) => !isReceipt(event))));
    expect(violations).toContainEqual(expect.stringMatching(/leaves 5 reserved of 0 on hand/));
  });

  it('an e-mail address that two accounts have is noticed', () => {
    const other = log.findLast(({ type }) => type === 'AccountRegistered')!;
    const { violations } = findingsIn(stored([...log, anotherCommand({ ...other, stream: `account-${newId()}` })]));
    expect(violations).toContainEqual(expect.stringMatching(/has the e-mail/));
  });
});

describe('the books of the gateway', () => {
  it.each<[string, (books: GatewayBooks) => GatewayBooks]>([
    ['a payment that it does not have', ({ payments, refunds }) => ({ payments: payments.slice(1), refunds })],
    [
      'a payment that the shop does not have',
      (b) => ({ ...b, payments: [...b.payments, { id: 'x', status: 'captured' }] }),
    ],
    ['a refund that is missing', ({ payments }) => ({ payments, refunds: [] })],
    ['a refund that was made twice', ({ payments, refunds }) => ({ payments, refunds: [...refunds, ...refunds] })],
    [
      'another outcome',
      (b) => ({
        ...b,
        payments: b.payments.map((p) => ({ ...p, status: p.status === 'captured' ? 'declined' : p.status })),
      }),
    ],
  ])('%s is noticed', (_, change) => {
    expect(findingsIn(log, change(books)).violations).not.toEqual([]);
  });
});

describe('the answers that clients got', () => {
  it('agree with the log', () => {
    expect(contradictions(clients, log)).toEqual([]);
    expect(clients.flatMap(({ answered }) => answered).filter(({ status }) => status >= 400)).toHaveLength(1);
  });

  it('contradict a log that has lost, doubled or made up a command, or has one that was refused', () => {
    const { commandId } = clients[0]!.answered[0]!;
    const isIt = ({ metadata }: RecordedEvent) => metadata['commandId'] === commandId;
    const event = log.find(isIt)!;
    expect(
      contradictions(
        clients,
        log.filter((e) => !isIt(e)),
      ),
    ).toEqual([expect.stringContaining('is not in the log')]);
    expect(contradictions(clients, [...log, { ...event, revision: 50 }])).toEqual([
      expect.stringContaining('revision 50'),
    ]);
    expect(contradictions(clients, [...log, { ...event, stream: 'cart-x' }])).toEqual([
      expect.stringContaining('on several streams'),
    ]);
    expect(contradictions(clients, [...log, anotherCommand(event)])).toEqual([
      expect.stringContaining('nobody has sent'),
    ]);
    const refused = clients.flatMap(({ answered }) => answered).find(({ status }) => status >= 400)!;
    const done = { ...event, metadata: { ...event.metadata, commandId: refused.commandId } };
    expect(contradictions(clients, [...log, done])).toEqual([expect.stringContaining('and is in the log')]);
  });
});

it('a read model that is not what the log makes of it is noticed', async () => {
  expect(await inspectReadModels(folder)).toEqual({ differing: [], parked: [] });
  const database = new Database(join(folder, 'read-models.db'));
  const { id } = database.prepare("SELECT id FROM collections WHERE name = 'order-history'").get([]) as { id: number };
  const { changes } = database
    .prepare(`UPDATE documents_${id} SET document = replace(document, '"confirmed"', '"rejected"')`)
    .run([]);
  database.close();
  expect(changes).toBeGreaterThan(0);
  expect((await inspectReadModels(folder)).differing).toEqual(['order-history@2']);
});
