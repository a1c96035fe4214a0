import type { Shopper, Ware } from '#src/demo/trade/shopper';
import { encodeToken } from '#src/kernel/http/consistency';
import type { Position } from '#src/kernel/position';
import { comparePositions, stampOf } from '#src/kernel/position';
import type { Random } from '../support/random';
import type { Answer, RunningShop } from '../support/shop-app';
import { comeBack, putOnSale } from '../support/traded-folder';

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

/** What of an answer has to be the same when it is asked for again: of a cart not how many there are of each, which is told of now alone. */
export interface Said {
  readonly status: number;
  readonly etag: string | null;
  readonly body: unknown;
}

export function said(path: string, { status, headers, body }: Answer): Said {
  // The trace of a problem is that of its request.
  if (status >= 400) return { status, etag: headers.get('etag'), body: { code: body.code as string } };
  if (path !== '/api/cart') return { status, etag: headers.get('etag'), body };
  const lines = (body.lines as object[]).map((line) => ({ ...line, available: null }));
  return { status, etag: null, body: { ...body, lines } };
}

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
    return {
      path,
      position: before,
      recordedAt,
      answer: said(path, answer),
      ...(token === undefined ? {} : { token }),
    };
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
  return { ...said(path, answer), at: answer.headers.get('as-of-position') };
};

export const positionText = ({ position }: LiveAnswer): string => stampOf(position);

const DOINGS = { add: 3, change: 1, order: 2, cancel: 1, register: 0, sell: 2 };

/**
 * A shop in which somebody does something at random so many times, and somebody else asks at random what things are like, some of
 * them while the shop still works on what was done before. Answers what the live API said.
 */
export async function shopAndAsk(shop: RunningShop, random: Random, rounds: number): Promise<LiveAnswer[]> {
  const { own } = await putOnSale(shop, [
    { name: 'Mug', quantity: 30 },
    { name: 'Bowl', quantity: 2 },
  ]);
  const people = await comeBack(shop, random, { own, doings: DOINGS });
  const answers: LiveAnswer[] = [];
  for (let round = 0; round < rounds; round++) {
    await people.act(60);
    for (let questions = random.between(2, 4); questions > 0; questions--) {
      const answer = await ask(shop, question(shop, random, random.one(own), people.someone));
      if (answer) answers.push(answer);
    }
  }
  return answers;
}

function question({ tokens }: RunningShop, random: Random, ware: Ware, { token, orders }: Shopper): Question {
  const { productId, variantId } = ware;
  const seller = { token: random.chance(0.5) ? tokens.seller : tokens.admin };
  const order = orders.at(random.between(-2, -1));
  switch (random.between(0, 3)) {
    case 0:
      return { path: `/api/products/${productId}`, ...seller };
    case 1:
      return { path: `/api/stock/${variantId}`, ...seller };
    case 2:
      if (order) return { path: `/api/orders/${order.orderId}`, token: random.chance(0.2) ? tokens.admin : token };
  }
  return { path: '/api/cart', token };
}
