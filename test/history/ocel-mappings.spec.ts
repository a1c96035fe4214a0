import { type Relation } from '#src/words/ocel/event-mapping';
import { OBJECT_TYPES } from '#src/words/ocel/object-types';
import { Settling } from '#src/history/ocel/settled-events';
import { eventTypes, tell, type ToldEvent } from '#src/history/ocel/told-event';
import type { RecordedEvent } from '#src/kernel/events';
import type { Line } from '#src/words/lines';

describe('the event types of the shop that OCEL tells', () => {
  it('and of their objects have names that make tables', () => {
    for (const { name } of eventTypes) expect(name).toMatch(/^[A-Z]\w+$/);
    const tables = [...eventTypes.map(({ name }) => name), ...Object.keys(OBJECT_TYPES)];
    expect(new Set(tables.map((name) => name.toLowerCase())).size).toBe(tables.length);
  });
});

const line = (variantId: string, productId: string): Line => ({
  lineId: `line of ${variantId}`,
  variantId,
  productId,
  sellerId: 'seller',
  sku: 'SKU',
  name: 'Mug',
  unitPrice: { currency: 'EUR', amountMinor: 1_200, taxIncluded: true },
  productRevision: 1,
  taxClass: 'standard',
  quantity: 2,
});

/** The lines of an order that was rejected are back. */
const reopened = (v: number, lines: readonly Line[]): RecordedEvent => ({
  id: 'event',
  stream: 'cart-7',
  revision: 3,
  position: { commit: '3', prepare: '3' },
  recordedAt: '2026-03-01T12:00:00.000Z',
  type: 'CartReopened',
  data: { orderId: '9', lines, notAdded: [] },
  metadata: { v, actor: { kind: 'process', id: 'checkout' } },
});

describe('an event', () => {
  it('names each object once, however many of its lines are of one product', () => {
    const lines = [line('red', 'mug'), line('blue', 'mug'), line('white', 'bowl')];
    expect(tell(reopened(1, lines))!.objects.map(({ id }) => id)).toEqual([
      'cart-7/?',
      'order-9',
      'customer-7',
      'variant-red',
      'product-mug',
      'variant-blue',
      'variant-white',
      'product-bowl',
    ]);
  });

  it('of a kind that is left out tells nothing', () => {
    expect(tell({ ...reopened(1, []), type: 'GuestLinked' })).toBeNull();
  });

  it('that a newer release wrote is refused, and not misread', () => {
    expect(() => tell(reopened(99, []))).toThrow('is newer than this release knows');
  });
});

const CART = 'cart-7';
const ADDED = { id: `${CART}/?`, type: 'cart', qualifier: 'filled', facts: { status: 'open' } } as const;
const FILLED: Relation = [`${CART}/?`, 'filled by', 'customer-7'];

const inCart = (revision: number, recordedAt = '2026-03-01T12:00:00.000Z'): ToldEvent => ({
  id: `event-${revision}`,
  type: 'ItemAddedToCart',
  recordedAt,
  stream: CART,
  revision,
  attributes: {},
  objects: [ADDED],
  relations: [FILLED],
});

const checkout = (revision: number, generation: number): ToldEvent => ({
  ...inCart(revision),
  type: 'CartCheckedOut',
  generation,
  objects: [{ ...ADDED, id: `${CART}/${generation}` }],
});

const moved = (revision: number, onHand: number, reserved = 0): ToldEvent => ({
  ...inCart(revision),
  stream: 'stock-7',
  objects: [{ id: 'variant-7', type: 'variant', qualifier: 'received', facts: {}, moved: { onHand, reserved } }],
  relations: [],
});

describe('a cart that an event does not name by its generation', () => {
  const cartsOf = (events: readonly ToldEvent[], first: ReadonlyMap<string, number> = new Map()) => {
    const settling = new Settling(first);
    return events.map((event) => settling.settle(event)).map(({ objects: [object] }) => object!.id);
  };

  it('is of the generation that the next checkout ends, and of the one after it', () => {
    const events = [inCart(7), checkout(8, 3), inCart(9)];
    expect(cartsOf(events, new Map([[CART, 3]]))).toEqual(['cart-7/3', 'cart-7/3', 'cart-7/4']);
  });

  it('is the first one where no checkout is known, as long as no event is missing', () => {
    expect(cartsOf([inCart(0), inCart(1)])).toEqual(['cart-7/1', 'cart-7/1']);
    expect(cartsOf([inCart(0), inCart(2), inCart(3)])).toEqual(['cart-7/1', 'cart-7/?', 'cart-7/?']);
    expect(cartsOf([inCart(4)])).toEqual(['cart-7/?']);
  });

  it('has that name in relations too, and says the generation', () => {
    const { objects, relations } = new Settling(new Map()).settle(inCart(0));
    expect(objects).toEqual([{ ...ADDED, id: 'cart-7/1', facts: { status: 'open', generation: 1 } }]);
    expect(relations).toEqual([['cart-7/1', 'filled by', 'customer-7']]);
  });
});

describe('the units of a variant', () => {
  const unitsOf = (events: readonly ToldEvent[]) => {
    const settling = new Settling(new Map());
    return events.map((event) => settling.settle(event)).map(({ objects: [object] }) => object!.facts);
  };

  it('add up over its events', () => {
    expect(unitsOf([moved(0, 10), moved(1, 0, 4), moved(2, -4, -4)])).toEqual([
      { onHand: 10, reserved: 0, available: 10 },
      { onHand: 10, reserved: 4, available: 6 },
      { onHand: 6, reserved: 0, available: 6 },
    ]);
  });

  it('are not known after an event that is missing', () => {
    expect(unitsOf([moved(0, 10), moved(2, 5), moved(3, 5)]).slice(1)).toEqual([{}, {}]);
    expect(unitsOf([moved(1, 10)])).toEqual([{}]);
  });
});

describe('the time of an event', () => {
  const timesOf = (recorded: readonly string[]) => {
    const settling = new Settling(new Map());
    return recorded.map((at, n) => settling.settle(inCart(n, at)).time);
  };

  it('keeps the order of the log where many were recorded in one millisecond', () => {
    const at = '2026-03-01T12:00:00.999Z';
    expect(timesOf([at, at, at, '2026-03-01T12:00:01.000Z'])).toEqual([
      '2026-03-01T12:00:00.999000Z',
      '2026-03-01T12:00:00.999001Z',
      '2026-03-01T12:00:00.999002Z',
      '2026-03-01T12:00:01.000000Z',
    ]);
  });

  it('never goes back, even with a clock that does', () => {
    expect(timesOf(['2026-03-01T12:00:00.000Z', '2026-03-01T11:00:00.000Z'])).toEqual([
      '2026-03-01T12:00:00.000000Z',
      '2026-03-01T12:00:00.000001Z',
    ]);
  });

  it('may need more than a thousand of one millisecond', () => {
    const at = '2026-03-01T12:00:00.000Z';
    const times = timesOf(new Array<string>(2_500).fill(at));
    expect(times.at(-1)).toBe('2026-03-01T12:00:00.002499Z');
    expect(new Set(times).size).toBe(2_500);
  });
});
