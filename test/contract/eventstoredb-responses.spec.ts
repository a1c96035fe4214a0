import { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import fc from 'fast-check';
import { readResponse } from '#src/kernel/event-store/eventstoredb/read-responses';
import { newId } from '#src/kernel/ids';

const { ReadEvent } = ReadResp;

interface Sent {
  readonly stream: string;
  readonly type: string;
  readonly revision: bigint;
  readonly commit: bigint;
  readonly prepare: bigint;
  /** Units of 100 ns. */
  readonly created: bigint;
  readonly data: string;
  readonly metadata: string;
}

/** As a server sends it, by the generated classes of the client. */
function bytesOf(id: string, sent: Sent): Buffer {
  const event = new ReadEvent.RecordedEvent()
    .setId(new UUID().setString(id))
    .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(sent.stream)))
    .setStreamRevision(String(sent.revision))
    .setCommitPosition(String(sent.commit))
    .setPreparePosition(String(sent.prepare))
    .setData(Buffer.from(sent.data))
    .setCustomMetadata(Buffer.from(sent.metadata));
  event
    .getMetadataMap()
    .set('type', sent.type)
    .set('content-type', 'application/json')
    .set('created', String(sent.created));
  const response = new ReadResp().setEvent(new ReadEvent().setEvent(event).setCommitPosition(String(sent.commit)));
  return Buffer.from(response.serializeBinary());
}

const digits = (number: bigint) => String(number).padStart(20, '0');
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe('A response of EventStoreDB to a read', () => {
  it('is understood as the generated classes of the client mean it', () => {
    const sent = fc.record({
      stream: fc.string({ unit: 'grapheme', minLength: 1 }),
      type: fc.string({ unit: 'grapheme', minLength: 1 }),
      revision: fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }),
      commit: uint64,
      prepare: uint64,
      created: fc.bigInt({ min: 0n, max: 10n ** 17n }),
      data: fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)),
      metadata: fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)),
    });
    fc.assert(
      fc.property(sent, (each) => {
        const id = newId();
        const { event } = readResponse(bytesOf(id, each));

        expect(event!.recorded()).toEqual({
          id,
          stream: each.stream,
          type: each.type,
          revision: Number(each.revision),
          position: { commit: digits(each.commit), prepare: digits(each.prepare) },
          recordedAt: new Date(Number(each.created / 10_000n)).toISOString(),
          data: JSON.parse(each.data),
          metadata: JSON.parse(each.metadata),
        });
        expect(event!.isOfSystem).toBe(each.stream.startsWith('$') || each.type.startsWith('$'));
      }),
    );
  });

  it('is understood where it tells that a stream was deleted, whose revision is more than a number can hold', () => {
    const tombstone = { stream: 'cart-1', type: '$streamDeleted', revision: 2n ** 63n - 1n, created: 0n };
    const { event } = readResponse(bytesOf(newId(), { ...tombstone, commit: 7n, prepare: 7n, data: '', metadata: '' }));

    expect(event).toMatchObject({ isOfSystem: true, position: { commit: digits(7n) } });
  });

  it.each([
    ['that a subscription has caught up', new ReadResp().setCaughtUp(new ReadResp.CaughtUp()), { caughtUp: true }],
    ['that it has fallen behind', new ReadResp().setFellBehind(new ReadResp.FellBehind()), { fellBehind: true }],
    ['how far it has looked', new ReadResp().setCheckpoint(new ReadResp.Checkpoint().setCommitPosition('9')), {}],
    ['what will be added some day', new ReadResp().setLastStreamPosition('18446744073709551615'), {}],
  ])('may say %s', (_, response, said) => {
    const nothing = { event: null, caughtUp: false, fellBehind: false };
    expect(readResponse(Buffer.from(response.serializeBinary()))).toEqual({ ...nothing, ...said });
  });
});
