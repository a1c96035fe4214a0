import { CloudEvent, Kafka, type KafkaMessage } from 'cloudevents';
import fc from 'fast-check';
import { cloudEventOf, type CloudEventRecord } from '#src/integration/cloud-event';
import { attributes } from '#src/integration/contracts/attributes';
import { publicEventOf } from '#src/integration/contracts/public-contract';
import { streamOf } from '#src/kernel/aggregate';
import type { StoredEvent } from '#src/kernel/events';
import { stored } from '../support/given-projection';
import { eventsOf, published } from './random-events';

const origin = { storeId: '01980b5d-0000-7000-8000-000000000001', publicUrl: 'https://shop.example.com/eu' };
const ORDER = 'a8c4e2f0-1b3d-5f5a-9c7e-0a1b2c3d4e01';
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01';

function recordOf(event: StoredEvent): CloudEventRecord {
  const found = publicEventOf(event);
  if (!found) throw new Error(`${event.type} is not published.`);
  return cloudEventOf(found.context, found.event, origin);
}

/** As the official SDK reads it. Consumers get bytes; the SDK wants the headers as texts. */
function parsed({ key, value, headers }: CloudEventRecord): CloudEvent<unknown> {
  const message: KafkaMessage<Buffer> = { key, value: Buffer.from(value), headers: { ...headers }, body: undefined };
  return Kafka.toEvent(message as never) as CloudEvent<unknown>;
}

const confirmed = (n = 0, metadata = {}) =>
  stored({ type: 'OrderConfirmed', data: { orderId: ORDER }, stream: streamOf('order', ORDER), metadata }, n);

describe('a record', () => {
  it('is a CloudEvent in binary mode', () => {
    const event = confirmed(4, { traceparent: TRACE });
    expect(recordOf(event)).toEqual({
      key: ORDER,
      value: `{"orderId":"${ORDER}"}`,
      headers: {
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: event.id,
        ce_source: `urn:uuid:${origin.storeId}#ordering/${ORDER}`,
        ce_type: 'chronocart.ordering.order-confirmed.v1',
        ce_subject: ORDER,
        ce_time: event.metadata.occurredAt,
        ce_dataschema:
          'https://shop.example.com/eu/api/integration/schemas/chronocart.ordering.order-confirmed.v1.json',
        ce_sequence: '0000000000000005',
        ce_partitionkey: ORDER,
        ce_correlationid: event.metadata.correlationId,
        ce_causationid: event.metadata.causationId,
        ce_recordedtime: event.recordedAt,
        ce_traceparent: TRACE,
        traceparent: TRACE,
      },
    });
  });

  it('has the headers that the pages describe', () => {
    const described = (withOptional: boolean) =>
      attributes.filter(({ optional }) => withOptional || !optional).map(({ header }) => header);
    expect(Object.keys(recordOf(confirmed(0, { traceparent: TRACE })).headers).sort()).toEqual(described(true).sort());
    expect(Object.keys(recordOf(confirmed()).headers).sort()).toEqual(described(false).sort());
  });

  it('is of the same order by the text of its sequence as by its number', () =>
    fc.assert(
      fc.property(fc.nat(), fc.maxSafeNat(), (a, b) => {
        const [first, second] = [a, b].map((n) => recordOf({ ...confirmed(), revision: n - 1 }).headers['ce_sequence']);
        expect(Math.sign(a - b)).toBe(first === second ? 0 : String(first) < String(second) ? -1 : 1);
      }),
    ));

  it('is read by the official SDK as the event that was stored', () => {
    const event = fc.oneof(
      ...published.map((type) => eventsOf(type, (_, schema) => fc.string({ ...schema, size: '-1' }))),
    );
    fc.assert(
      fc.property(event, (event) => {
        const found = publicEventOf(event)?.event;
        const read = parsed(recordOf(event));
        expect(read.validate()).toBe(true);
        expect(read).toMatchObject({
          id: event.id,
          type: found?.type,
          subject: found?.subject,
          time: event.metadata.occurredAt,
          datacontenttype: 'application/json',
          partitionkey: found?.subject,
          sequence: String(event.revision + 1).padStart(16, '0'),
          correlationid: event.metadata.correlationId,
          causationid: event.metadata.causationId,
          recordedtime: event.recordedAt,
          data: JSON.parse(JSON.stringify(found?.data)) as unknown,
        });
        expect(read['traceparent']).toBe(event.metadata.traceparent);
      }),
    );
  });

  it('never has an empty value, which would be a deletion', () => {
    for (const { type, aggregate, subject } of published.filter(({ type }) => type === 'Abandoned')) {
      const record = recordOf(stored({ type, data: {}, stream: streamOf(aggregate, ORDER) }));
      expect(record.value).toBe(JSON.stringify({ [subject]: ORDER }));
    }
  });
});
