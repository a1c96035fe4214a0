import { join } from 'node:path';
import {
  ReceiveStock,
  ReceiveStockHandler,
  ReleaseStock,
  inventoryCommandHandlers,
  ReserveStock,
  ReserveStockHandler,
  Stocks,
} from '#src/inventory/inventory.commands';
import { SystemClock } from '#src/kernel/clock';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { deriveId, newId } from '#src/kernel/ids';
import { ProductOwners } from '#src/words/product-owners';
import { FaultyStore } from '../support/faulty-store';
import { commandOf, ShopWritePath, handlerOf } from '../support/shop-write-path';
import { tempFolderOfThisFile } from '../support/temp-folder';

const folder = tempFolderOfThisFile();
const productId = newId();
const IN_A_QUARTER_MS = 15 * 60 * 1000;

class SomebodysProducts extends ProductOwners {
  override find() {
    return Promise.resolve({ sellerId: newId(), hasVariant: true, isForSale: true });
  }
}

let variantId: string;
beforeEach(() => (variantId = newId()));

let real: SqliteEventStore;
beforeEach(async () => (real = await SqliteEventStore.open({ file: join(folder, `${newId()}.db`) })));
afterEach(() => real.close());

/** Stocks as a process that runs process managers has them: beside others. */
function holder() {
  const stocks = new Stocks(new ShopWritePath(new FaultyStore(real, false)));
  return {
    stocks,
    receive: new ReceiveStockHandler(stocks, new SomebodysProducts()),
    reserve: new ReserveStockHandler(stocks, new SystemClock()),
    release: handlerOf(inventoryCommandHandlers, ReleaseStock, stocks),
  };
}

/** As the checkout of the order with this number issues it, each time with the same id. */
function ofOrder(n: number) {
  const orderId = deriveId(variantId, `order/${n}`);
  const reserved = { variantId, orderId, reservationId: deriveId(orderId, 'reservation') };
  const until = new Date(Date.now() + IN_A_QUARTER_MS).toISOString();
  const context = (name: string) => ({
    commandId: deriveId(orderId, name),
    actor: { kind: 'process' as const, id: 'checkout' },
    notAfter: until,
  });
  return {
    reserve: commandOf(ReserveStock, { ...reserved, productId, quantity: 1, expiresAt: until }, context('reserve')),
    release: commandOf(ReleaseStock, { ...reserved, reason: 'rejected' }, context('release')),
  };
}

it('a late reservation of an order that has ended is known as a repeat, however many others came meanwhile', async () => {
  const [late, holding] = [holder(), holder()];
  await late.receive.execute(commandOf(ReceiveStock, { variantId, productId, quantity: 100_000 }));
  const ended = ofOrder(0);
  await holding.reserve.execute(ended.reserve);
  await holding.release.execute(ended.release);
  for (let n = 1; n <= 2_100; n += 100) {
    const orders = Array.from({ length: 100 }, (_, i) => holding.reserve.execute(ofOrder(n + i).reserve));
    await Promise.all(orders);
  }

  expect(await late.reserve.execute(ended.reserve)).toMatchObject({ revision: 1, outcome: 'replayed' });
  expect((await late.stocks.get(variantId)).state).toMatchObject({ reserved: 2_100 });
});

it('a late reservation of an order that has ended is refused also where nobody knows its command', async () => {
  const [late, holding] = [holder(), holder()];
  await late.receive.execute(commandOf(ReceiveStock, { variantId, productId, quantity: 10 }));
  const ended = ofOrder(0);
  await holding.reserve.execute(ended.reserve);
  await holding.release.execute(ended.release);
  const again = commandOf(ReserveStock, ended.reserve.data, { actor: { kind: 'process', id: 'checkout' } });
  await expect(late.reserve.execute(again)).rejects.toMatchObject({ code: 'reservation-ended' });
  expect((await late.stocks.get(variantId)).state).toMatchObject({ reserved: 0 });
});

it('12,000 open reservations of one variant have a snapshot; who is started reads little else, also when hundreds of commands come again', async () => {
  const holding = holder();
  await holding.receive.execute(commandOf(ReceiveStock, { variantId, productId, quantity: 100_000 }));
  for (let n = 0; n < 12_000; n += 250)
    await Promise.all(Array.from({ length: 250 }, (_, i) => holding.reserve.execute(ofOrder(n + i).reserve)));

  const store = new FaultyStore(real, false);
  const path = new ShopWritePath(store);
  const stocks = new Stocks(path);
  expect((await stocks.get(variantId)).state).toMatchObject({ onHand: 100_000, reserved: 12_000 });
  const reserve = new ReserveStockHandler(stocks, new SystemClock());
  const again = Array.from({ length: 200 }, (_, n) => reserve.execute(ofOrder(n * 60).reserve));
  expect(new Set((await Promise.all(again)).map(({ outcome }) => outcome))).toEqual(new Set(['replayed']));
  expect(store.eventsRead).toBeLessThan(8_000);
  expect(path.warnings).toEqual([]);
});
