import type { TopicMessages } from 'kafkajs';
import type { CloudEventRecord } from '../cloud-event';

/** A record and where it goes. */
export interface AddressedRecord {
  readonly topic: string;
  readonly record: Pick<CloudEventRecord, 'key' | 'value'> &
    Partial<Pick<CloudEventRecord, 'headers'>> & {
      /** Milliseconds since 1970, in digits, as kafkajs takes them. Default: when it is sent. */
      readonly timestamp?: string;
    };
}

/**
 * Brokers take 1 MiB in one batch of records (`message.max.bytes`) unless they are set to less, and kafkajs makes one batch per
 * partition and request; so a request is held below that as a whole, before compression.
 */
export const MAX_REQUEST_BYTES = 900_000;
/** What a record takes beside its texts, roughly: lengths, offset, timestamp. */
const RECORD_OVERHEAD = 32;
const HEADER_OVERHEAD = 4;

/** In the same order, each request as large as it may be. One record that is larger by itself is a request of its own. */
export function requestsOf(records: readonly AddressedRecord[], maxBytes = MAX_REQUEST_BYTES): TopicMessages[][] {
  const requests: TopicMessages[][] = [];
  let topics = new Map<string, TopicMessages>();
  let bytes = 0;
  for (const { topic, record } of records) {
    const size = sizeOf(record);
    if (bytes + size > maxBytes && topics.size > 0) {
      requests.push([...topics.values()]);
      topics = new Map();
      bytes = 0;
    }
    bytes += size;
    let messages = topics.get(topic);
    if (!messages) topics.set(topic, (messages = { topic, messages: [] }));
    messages.messages.push(record);
  }
  if (topics.size > 0) requests.push([...topics.values()]);
  return requests;
}

/** Bytes that the largest of these requests has, by the same reckoning. */
export const largestOf = (requests: readonly TopicMessages[][]): number =>
  Math.max(
    0,
    ...requests.map((topics) =>
      topics
        .flatMap(({ messages }) => messages as AddressedRecord['record'][])
        .reduce((sum, record) => sum + sizeOf(record), 0),
    ),
  );

function sizeOf({ key, value, headers }: AddressedRecord['record']): number {
  let size = RECORD_OVERHEAD + Buffer.byteLength(key) + Buffer.byteLength(value);
  for (const name in headers) size += HEADER_OVERHEAD + name.length + Buffer.byteLength(headers[name]!);
  return size;
}
