import { allEvents, contexts } from '#src/contexts';
import { contractFor } from '#src/words/contracts/define-contract';
import {
  NotInContract,
  publicContracts,
  publicEventOf,
  publishedTypes,
  topicOf,
} from '#src/integration/contracts/public-contract';
import { orderId } from '#src/words/contracts/shapes';
import { snapshotStreamOf, streamOf } from '#src/kernel/aggregate';
import { markEvents } from '#src/kernel/write-path/mark.events';
import golden from '../golden-events/ordering.json';
import { stored } from '../support/given-projection';

const ORDER = 'a8c4e2f0-1b3d-5f5a-9c7e-0a1b2c3d4e01';

const confirmed = (more: Partial<Parameters<typeof stored>[0]> = {}, n = 0) =>
  stored({ type: 'OrderConfirmed', data: { orderId: ORDER }, stream: streamOf('order', ORDER), ...more }, n);

describe('the public contracts', () => {
  const marks = Object.keys(markEvents.types);

  it.each(publicContracts.map((contract) => [contract.aggregate, contract]))(
    'give every event of a stream of %s its counterpart, so that no sequence has a gap',
    (aggregate, contract) => {
      const declared = allEvents.filter((events) => events.aggregate === aggregate);
      const expected = declared.flatMap(({ types }) => Object.keys(types)).concat(marks);
      expect([...contract.types.keys()].sort()).toEqual(expected.sort());
    },
  );

  it('do not compile while an event of the context has none', () => {
    type Events = { type: 'Opened'; data: { by: string } } | { type: 'Closed'; data: object };
    const Opened = { name: 'opened', when: '', members: {}, translate: () => ({}) };
    const of = { context: 'doors', aggregate: 'door', title: '', description: '' };
    // @ts-expect-error Closed is missing
    contractFor<Events>()({ ...of, subject: { name: 'doorId', schema: orderId }, types: { Opened } });
  });

  it('name a type once, for ever and in one way', () => {
    const types = publicContracts.flatMap(({ types }) => [...types.values()].map(({ type }) => type));
    expect(types).toEqual([...new Set(types)]);
    for (const type of types) expect(type).toMatch(/^chronocart\.[a-z]+\.[a-z-]+\.v1$/);
    for (const { context } of publicContracts) expect(Object.keys(contexts)).toContain(context);
  });

  it('have one topic each', () => {
    expect(publicContracts.map((contract) => topicOf('shop', contract))).toEqual([
      'shop.ordering.events.v1',
      'shop.cart.events.v1',
      'shop.inventory.events.v1',
      'shop.catalog.events.v1',
    ]);
  });

  it('list what is published', () => {
    expect([...publishedTypes]).toEqual(
      expect.arrayContaining(['OrderPlaced', 'ItemAddedToCart', 'Abandoned', 'ClaimLost']),
    );
    expect(publishedTypes.has('AccountRegistered')).toBe(false);
    expect(publishedTypes.has('PaymentCaptured')).toBe(false);
  });
});

describe('a public event', () => {
  it('says which event it is, of what, and the how-many-th', () => {
    const event = confirmed({}, 4);
    expect(publicEventOf(event)).toMatchObject({
      context: 'ordering',
      event: {
        id: event.id,
        type: 'chronocart.ordering.order-confirmed.v1',
        subject: ORDER,
        sequence: 5,
        dataSchema: 'api/integration/schemas/chronocart.ordering.order-confirmed.v1.json',
        correlationId: event.metadata.correlationId,
        causationId: event.metadata.causationId,
        data: { orderId: ORDER },
      },
    });
  });

  it('happened when it occurred, and was recorded when the store wrote it', () => {
    const [occurredAt, recordedAt] = ['2026-06-01T12:00:00.000Z', '2026-06-01T12:00:00.004Z'];
    const published = publicEventOf(confirmed({ metadata: { occurredAt }, recordedAt }));
    expect(published?.event).toMatchObject({ time: occurredAt, recordedAt });
  });

  it('has the trace of the request, where there was one', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01';
    expect(publicEventOf(confirmed({ metadata: { traceparent } }))?.event.traceparent).toBe(traceparent);
    expect(publicEventOf(confirmed())?.event).not.toHaveProperty('traceparent');
  });

  it('says of an id that was given up before it was used just that', () => {
    const event = stored({ type: 'Abandoned', data: {}, stream: streamOf('product', ORDER) });
    expect(publicEventOf(event)?.event).toMatchObject({
      type: 'chronocart.catalog.id-retired.v1',
      sequence: 1,
      data: { productId: ORDER },
    });
  });

  it('says of a mark that the shop has made for itself that nothing has changed', () => {
    const event = stored({ type: 'ClaimLost', data: {}, stream: streamOf('product', ORDER) }, 3);
    expect(publicEventOf(event)?.event).toMatchObject({
      type: 'chronocart.catalog.nothing-changed.v1',
      sequence: 4,
      data: { productId: ORDER },
    });
  });

  it('of an order says what is paid and how it comes about, amount by amount', () => {
    const data = golden.OrderPlaced['1'];
    const totals = { currency: 'EUR', itemsMinor: 5, discountMinor: 4, shippingMinor: 3, taxMinor: 2, totalMinor: 6 };
    const event = stored({ type: 'OrderPlaced', data: { ...data, totals }, stream: streamOf('order', ORDER) });
    const money = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
    expect(publicEventOf(event)?.event.data['totals']).toEqual({
      items: money(5),
      discount: money(4),
      shipping: money(3),
      tax: money(2),
      total: money(6),
    });
  });

  it('is none where the aggregate is not published', () => {
    for (const stream of [streamOf('account', ORDER), snapshotStreamOf('order', ORDER), 'storeIdentity'])
      expect(publicEventOf(confirmed({ stream }))).toBeNull();
  });

  it('is missed aloud where a newer release wrote a type of a published aggregate', () => {
    expect(() => publicEventOf(confirmed({ type: 'OrderGiftWrapped' }, 2))).toThrow(NotInContract);
    expect(() => publicEventOf(confirmed({ type: 'OrderGiftWrapped' }, 2))).toThrow(
      `Event OrderGiftWrapped at order-${ORDER}/2 has no public counterpart; a newer release wrote it, so upgrade this process.`,
    );
  });
});
