/** An attribute of CloudEvents as it is a header of each record. */
export interface Attribute {
  readonly header: string;
  readonly meaning: string;
  readonly example: string;
  readonly optional?: true;
}

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01';

const attribute = (header: string, example: string, meaning: string): Attribute => ({ header, example, meaning });

/** The headers of a record, for the pages; a test compares them with those that are sent. */
export const attributes: readonly Attribute[] = [
  attribute('content-type', 'application/json', 'The value is JSON in UTF-8.'),
  attribute('ce_specversion', '1.0', 'Version of CloudEvents.'),
  attribute(
    'ce_id',
    '5a3c1b8e-7d20-5f4e-9a6b-2c1d0e9f8a01',
    'Id of the event, the same however often it is delivered: who has seen it passes over it.',
  ),
  attribute(
    'ce_source',
    'urn:uuid:01980b5d-0000-7000-8000-000000000001#ordering/a8c4e2f0-1b3d-5f5a-9c7e-0a1b2c3d4e01',
    'Whose events: `urn:uuid:<id of the event store>#<context>/<subject>`. A shop that was restored from a backup is another store.',
  ),
  attribute(
    'ce_type',
    'chronocart.ordering.order-placed.v1',
    'What happened. Consumers pass over types that they do not know.',
  ),
  attribute(
    'ce_subject',
    'a8c4e2f0-1b3d-5f5a-9c7e-0a1b2c3d4e01',
    'To what it happened: the id that is the key of the record.',
  ),
  attribute('ce_time', '2026-06-01T12:00:00.000Z', 'When it happened, UTC.'),
  attribute(
    'ce_dataschema',
    'https://shop.example.com/api/integration/schemas/chronocart.ordering.order-placed.v1.json',
    'Leads to the JSON Schema of the value.',
  ),
  attribute(
    'ce_sequence',
    '0000000000000001',
    'Place among the events of the subject: from 1, without a gap, with 16 digits, so that order as text is order.',
  ),
  attribute(
    'ce_partitionkey',
    'a8c4e2f0-1b3d-5f5a-9c7e-0a1b2c3d4e01',
    'The key of the record, for who passes the event on.',
  ),
  attribute(
    'ce_correlationid',
    '01980b5e-4d00-7a00-8000-000000000001',
    'Shared by everything that followed from one request, in all topics.',
  ),
  attribute(
    'ce_causationid',
    '01980b5e-4d00-7a00-8000-000000000001',
    'Id of what it followed from: an event, which need not be a public one, or the command of a person.',
  ),
  attribute(
    'ce_recordedtime',
    '2026-06-01T12:00:00.004Z',
    'When it was stored, UTC. Never goes back within a store; `ce_time` may.',
  ),
  { ...attribute('ce_traceparent', TRACE, 'W3C Trace Context of the request, where it had one.'), optional: true },
  { ...attribute('traceparent', TRACE, 'The same, where tracing tools look for it.'), optional: true },
];
