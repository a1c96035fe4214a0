import { allEvents } from '#src/contexts';
import { addItem, type Cart } from '#src/cart/cart';
import { DecisionWalk, type JudgedDecision } from '#src/history/what-if/decision-walk';
import { allDecisions } from '#src/history/what-if/all-decisions';
import { type DocumentFinding, ProjectionWalk } from '#src/history/what-if/projection-walk';
import { Shelf } from '#src/history/what-if/shelf';
import { EventRegistry } from '#src/kernel/event-definitions';
import type { StoredEvent } from '#src/kernel/events';
import { positionOf } from '#src/kernel/position';
import type { Projection } from '#src/kernel/read-models/projection';

const registry = new EventRegistry(allEvents);

const line = (lineId: string, quantity = 1) => ({
  lineId,
  variantId: `variant-${lineId}`,
  productId: 'product',
  sellerId: 'seller',
  sku: 'MUG',
  name: 'Mug',
  unitPrice: { currency: 'EUR', amountMinor: 100, taxIncluded: true },
  productRevision: 1,
  taxClass: 'standard',
  quantity,
});

/** The n-th event of the log, in the cart of a guest. */
const event = (n: number, type: string, data: object, commandId = `command-${n}`): StoredEvent => ({
  id: `event-${n}`,
  stream: 'cart-7',
  revision: n - 1,
  position: positionOf(n),
  recordedAt: '2026-03-01T22:00:00.000Z',
  type,
  data,
  metadata: {
    v: 1,
    commandId,
    payloadHash: 'hash',
    correlationId: commandId,
    causationId: commandId,
    actor: { kind: 'guest', id: '7' },
    occurredAt: '2026-03-01T21:59:59.000Z',
  },
});

const decisionNamed = (name: string) => allDecisions.find((decision) => decision.name === name)!;

function walk(name: string, decide: (cart: Cart, input: never) => readonly StoredEvent[], events: StoredEvent[]) {
  const found: JudgedDecision[] = [];
  const candidate = { decision: decisionNamed(name), decide: decide as never };
  const walk = new DecisionWalk(
    [candidate],
    registry,
    () => true,
    (judged) => found.push(judged),
  );
  for (const each of events) walk.add(each);
  return { counts: walk.end()[0]!, found };
}

describe('the walk through decisions', () => {
  it('does not compare with what the code of this release does not come to itself', () => {
    const { counts, found } = walk('cart.addItem', addItem as never, [
      event(1, 'ItemAddedToCart', { line: line('a') }),
      // No release would have stored it: the cart has a line of that variant.
      event(2, 'ItemAddedToCart', { line: line('a') }),
      event(3, 'ItemAddedToCart', { line: line('b') }),
    ]);
    expect(counts).toMatchObject({ judged: 3, same: 2, different: 0, notComparable: 1 });
    expect(found.map(({ revision, verdict }) => [revision, verdict])).toEqual([
      [
        1,
        {
          outcome: 'notComparable',
          why: 'History has ItemAddedToCart, and the code of this release comes to CartItemQuantityChanged.',
        },
      ],
    ]);
  });

  it('takes the events of one command for one decision', () => {
    const described = {
      name: 'Mug',
      slug: 'mug',
      description: '',
      brand: 'B',
      categoryPath: ['C'],
      taxClass: 'standard',
    };
    const created = {
      ...described,
      productId: '7',
      sellerId: 'seller',
      attributes: {},
      images: [],
      variants: [
        { variantId: 'v', sku: 'MUG', options: {}, prices: [{ currency: 'EUR', amountMinor: 1, taxIncluded: true }] },
      ],
    };
    const inProduct = (each: StoredEvent): StoredEvent => ({ ...each, stream: 'product-7' });
    const create = decisionNamed('product.create');
    for (const [second, judged] of [
      ['command-1', { same: 1 }],
      ['command-2', { same: 1 }],
    ] as const) {
      const { counts, found } = walk('product.create', create.decide as never, [
        inProduct(event(1, 'ProductCreated', created)),
        inProduct(event(2, 'ProductPublished', { productId: '7' }, second)),
      ]);
      expect([counts, found]).toMatchObject([{ judged: 1, ...judged }, []]);
    }
  });
});

interface Counted {
  readonly lines: number;
}

/** Counts the lines of a cart; `add` is what one more of them does. */
const counting = (add: (lines: number, event: StoredEvent) => number | null): Projection<Counted> => ({
  name: 'counting',
  version: 1,
  indexes: [],
  on: {
    ItemAddedToCart: {
      keys: ({ stream }) => [stream],
      evolve: (counted, each) => {
        const lines = add(counted?.lines ?? 0, each);
        return lines === null ? null : { lines };
      },
    },
  },
});

const throwing = (): never => {
  throw new Error('no');
};

describe('the walk through documents', () => {
  const compare = (
    live: Projection<Counted> | null,
    candidate: Projection<Counted>,
    skips: [string, string][] = [],
    isLookedAt: (event: StoredEvent) => boolean = () => true,
  ): DocumentFinding[] => {
    const found: DocumentFinding[] = [];
    const projections = { live: live as Projection | null, candidate: candidate as Projection };
    const walk = new ProjectionWalk(projections, skips, isLookedAt);
    for (let n = 1; n <= 3; n++) walk.add(event(n, 'ItemAddedToCart', { line: line(`${n}`) }));
    walk.end((finding) => found.push(finding));
    return found;
  };
  const byOne = counting((lines) => lines + 1);
  const document = { projection: 'counting', key: 'cart-7' };

  it('finds what changes, is missing, is there as well, and is new', () => {
    expect(compare(byOne, byOne)).toEqual([]);
    expect(
      compare(
        byOne,
        counting((lines) => lines + 2),
      ),
    ).toEqual([
      { ...document, outcome: 'changed', differences: [{ op: 'replace', path: '/lines', before: 3, after: 6 }] },
    ]);
    expect(
      compare(
        byOne,
        counting(() => null),
      ),
    ).toEqual([{ ...document, outcome: 'missing', document: { lines: 3 } }]);
    expect(
      compare(
        counting(() => null),
        byOne,
      ),
    ).toEqual([{ ...document, outcome: 'added', document: { lines: 3 } }]);
    expect(compare(null, byOne)).toEqual([{ ...document, outcome: 'made', document: { lines: 3 } }]);
  });

  it('ends at the first event that a projection fails at', () => {
    const failing = counting((lines, { revision }) => (revision === 1 ? throwing() : lines + 1));
    const end = { position: expect.stringMatching(/2$/) as unknown, type: 'ItemAddedToCart', error: 'Error: no' };
    expect(compare(byOne, failing)).toEqual([{ ...document, outcome: 'failed', ...end }]);
    expect(compare(failing, byOne)).toEqual([{ ...document, outcome: 'notComparable', ...end }]);
  });

  it('leaves out of both what operators have left out', () => {
    const failing = counting((lines, { revision }) => (revision === 1 ? throwing() : lines + 1));
    expect(compare(failing, failing, [['cart-7', 'event-2']])).toEqual([]);
  });

  it('tells only of documents that an event of the period concerns', () => {
    const byTwo = counting((lines) => lines + 2);
    expect(compare(byOne, byTwo, [], ({ revision }) => revision === 2)).toHaveLength(1);
    expect(compare(byOne, byTwo, [], () => false)).toEqual([]);
  });
});

describe('the shelf', () => {
  it('has every value as it was put there last, however many there are', () => {
    const shelf = new Shelf<{ n: number; text: string }>(undefined, 5);
    for (let n = 0; n < 20; n++) shelf.set(`${n}`.padStart(2, '0'), { n, text: 'first' });
    for (let n = 0; n < 20; n += 2) shelf.set(`${n}`.padStart(2, '0'), { n, text: `second – ${n}` });
    const expected = Array.from({ length: 20 }, (_, n) => ({ n, text: n % 2 ? 'first' : `second – ${n}` }));
    expect([...shelf.all()].map(([, value]) => value)).toEqual(expected);
    expect(expected.map(({ n }) => shelf.get(`${n}`.padStart(2, '0')))).toEqual(expected);
    expect(shelf.get('nothing')).toBeUndefined();
  });
});
