import { setTimeout as sleep } from 'node:timers/promises';
import { encodeToken } from '#src/kernel/http/consistency';
import type { Position } from '#src/kernel/position';
import { comparePositions, stampOf } from '#src/kernel/position';
import type { Random } from '../support/random';
import type { Answer, RunningShop } from '../support/shop-app';
import { addToCart, checkOut, reprice, stocked, type Ware } from '../support/shopping';

/** Something that can be asked for at a time, by somebody. */
export interface Question {
  readonly path: string;
  readonly token?: string;
}

/** What the live API answered when the log ended at `position`, and did so all the while. */
export interface LiveAnswer extends Question {
  readonly position: Position;
  /** When the newest event was recorded. */
  readonly recordedAt: string;
  readonly answer: Said;
}

/** What of an answer has to be the same when it is asked for again. */
export interface Said {
  readonly status: number;
  readonly etag: string | null;
  readonly body: unknown;
}

export const said = ({ status, headers, body }: Answer): Said => ({
  status,
  etag: headers.get('etag'),
  // The trace of a problem is that of its request.
  body: status < 400 ? body : { code: body.code as string },
});

const TRIES = 4;

/** The answer to a question, and what it is as of; null: something was stored whenever it was asked. */
export async function ask({ shop, request }: RunningShop, { path, token }: Question): Promise<LiveAnswer | null> {
  const { store, identity } = shop.servers;
  for (let tries = 0; tries < TRIES; tries++) {
    const before = await store.head();
    if (!before) continue;
    // Read models wait until they have come so far.
    const headers = { 'consistency-token': encodeToken(identity.storeId, before) };
    const answer = await request('GET', path, { headers, ...(token === undefined ? {} : { token }) });
    const after = await store.head();
    if (comparePositions(before, after) !== 0) continue;
    const { recordedAt } = (await store.readAt(before))!;
    return { path, position: before, recordedAt, answer: said(answer), ...(token === undefined ? {} : { token }) };
  }
  return null;
}

/** Asks again, as of then. */
export const askAgain = async (
  { request }: RunningShop,
  { path, token }: Question,
  asOf: string,
): Promise<Said & { readonly at: string | null }> => {
  const query = `${path}?asOf=${encodeURIComponent(asOf)}`;
  const answer = await request('GET', query, token === undefined ? {} : { token });
  return { ...said(answer), at: answer.headers.get('as-of-position') };
};

export const positionText = ({ position }: LiveAnswer): string => stampOf(position);

interface Shopper {
  readonly token: string;
  readonly orders: string[];
}

const PAYMENTS = ['test-approved', 'test-approved', 'test-declined', 'test-no-funds', 'test-timeout'];

/**
 * A shop in which somebody does something at random so many times, and somebody else asks at random what things are like, some of
 * them while the shop still works on what was done before. Answers what the live API said.
 */
export async function shopAndAsk(shop: RunningShop, random: Random, rounds: number): Promise<LiveAnswer[]> {
  const wares = [
    await stocked(shop, { name: 'Mug', quantity: 30 }),
    await stocked(shop, { name: 'Bowl', quantity: 2 }),
  ];
  const shoppers: Shopper[] = [];
  for (const token of [await shop.tokens.guest(), await shop.tokens.guest(), await shop.tokens.customer()])
    shoppers.push({ token, orders: [] });
  const answers: LiveAnswer[] = [];
  for (let round = 0; round < rounds; round++) {
    await act(shop, random, wares, random.one(shoppers));
    if (random.chance(0.3)) await sleep(random.between(1, 60));
    for (let questions = random.between(2, 4); questions > 0; questions--) {
      const answer = await ask(shop, question(shop, random, wares, random.one(shoppers)));
      if (answer) answers.push(answer);
    }
  }
  return answers;
}

async function act(shop: RunningShop, random: Random, wares: Ware[], shopper: Shopper): Promise<void> {
  const { request, tokens } = shop;
  const { token } = shopper;
  const ware = random.one(wares);
  switch (random.between(0, 8)) {
    case 0:
    case 1:
    case 2:
      await addToCart(shop, token, ware, random.between(1, 2));
      return;
    case 3: {
      const { body } = await request('GET', '/api/cart', { token });
      const line = body.lines[0] as { lineId: string } | undefined;
      if (line) await request('DELETE', `/api/cart/items/${line.lineId}`, { token });
      return;
    }
    case 4:
    case 5: {
      await addToCart(shop, token, ware);
      const { status, body } = await checkOut(shop, token, { payment: random.one(PAYMENTS), wait: 0 });
      if (status === 202) shopper.orders.push(body.orderId as string);
      return;
    }
    case 6: {
      const order = shopper.orders.at(-1);
      const body = { reason: 'changed-mind' };
      if (order !== undefined) await request('POST', `/api/orders/${order}/cancel`, { token, body });
      return;
    }
    case 7:
      await reprice(shop, ware, random.between(800, 1_600));
      return;
    case 8: {
      const body = { productId: ware.productId, delta: 1, reason: 'found' };
      await request('POST', `/api/stock/${ware.variantId}/adjustments`, { token: tokens.seller, body });
    }
  }
}

function question({ tokens }: RunningShop, random: Random, wares: Ware[], { token, orders }: Shopper): Question {
  const { productId, variantId } = random.one(wares);
  const seller = { token: random.chance(0.5) ? tokens.seller : tokens.admin };
  const order = orders.at(random.between(-2, -1));
  switch (random.between(0, 3)) {
    case 0:
      return { path: `/api/products/${productId}`, ...seller };
    case 1:
      return { path: `/api/stock/${variantId}`, ...seller };
    case 2:
      if (order !== undefined)
        return { path: `/api/orders/${order}`, token: random.chance(0.2) ? tokens.admin : token };
  }
  return { path: '/api/cart', token };
}
