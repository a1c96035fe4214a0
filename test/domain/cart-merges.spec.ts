import { join } from 'node:path';
import { addItem } from '#src/cart/cart';
import { CloseGuestCart, cartCommandHandlers, Carts, ClearCart, MergeGuestCart } from '#src/cart/cart.commands';
import { MergesOfCarts } from '#src/cart/cart-merges';
import { SystemClock } from '#src/kernel/clock';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { newId } from '#src/kernel/ids';
import { ShopWritePath } from '#src/app/servers.module';
import type { Line } from '#src/words/lines';
import { eur, lineOf, offerOf } from '../support/shop';
import { commandOf, handlerOf } from '../support/shop-write-path';
import { tempFolderOfThisFile } from '../support/temp-folder';

const folder = tempFolderOfThisFile();
const mug = offerOf('mug', eur(1_200));
const lines: readonly Line[] = [lineOf(mug, 1, 'line')];

let store: SqliteEventStore;
let carts: Carts;
let merges: MergesOfCarts;
beforeAll(async () => {
  const clock = new SystemClock();
  store = await SqliteEventStore.open({ file: join(folder, 'events.db'), clock });
  carts = new Carts(new ShopWritePath(store, clock));
  merges = new MergesOfCarts(carts);
});
afterAll(() => store.close());

const put = (cartId: string) =>
  carts.change(commandOf(ClearCart, { cartId }), cartId, {
    decide: (cart) => addItem(cart, { lineId: 'line', offer: mug, quantity: 1 }),
  });
const close = (guestId: string, accountId: string) =>
  handlerOf(cartCommandHandlers, CloseGuestCart, carts).execute(commandOf(CloseGuestCart, { guestId, accountId }));
const merge = (guestId: string, accountId: string) =>
  handlerOf(cartCommandHandlers, MergeGuestCart, carts).execute(
    commandOf(MergeGuestCart, { guestId, accountId, lines }),
  );

const LONG_MS = 60_000;

describe("a guest's cart that is on its way into an account's", () => {
  it('has arrived at once when the guest had none, or nothing in it', async () => {
    const [guest, account] = [newId(), newId()];
    expect(await merges.settled(account, guest, LONG_MS)).toEqual({ merged: true, position: null });
    const { position } = await close(guest, account);
    expect(await merges.settled(account, guest, LONG_MS)).toEqual({ merged: true, position });
  });

  it('is waited for, before it is closed and after, until the account has its lines', async () => {
    const [guest, account] = [newId(), newId()];
    await put(guest);
    const before = merges.settled(account, guest, LONG_MS);
    await close(guest, account);
    const after = merges.settled(account, guest, LONG_MS);
    const { position } = await merge(guest, account);
    expect(await Promise.all([before, after])).toEqual([
      { merged: true, position },
      { merged: true, position },
    ]);
  });

  it('is not waited for without end', async () => {
    const [guest, account] = [newId(), newId()];
    await put(guest);
    expect(await merges.settled(account, guest, 20)).toEqual({ merged: false, position: null });
  });
});
