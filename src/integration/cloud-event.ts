import type { PublicEvent } from './contracts/public-contract';

/** Whose events they are, and where their schemas are found. */
export interface Origin {
  readonly storeId: string;
  /** The API as others reach it, without a slash at the end. */
  readonly publicUrl: string;
}

/** A record of Kafka without its topic, as kafkajs takes it. */
export interface CloudEventRecord {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** So many digits has the largest sequence, 2^53-1: padded to them, order as text is order. */
const SEQUENCE_DIGITS = 16;

/**
 * Which events a sequence counts: those of one subject of one store. The specification lets a sequence count within its source
 * only, so the subject is a part of it. https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/sequence.md
 */
const sourceOf = (storeId: string, context: string, subject: string): string =>
  `urn:uuid:${storeId}#${context}/${subject}`;

/**
 * The event as CloudEvents 1.0 in binary mode of the Kafka protocol binding: attributes and extensions (sequence, partitionkey,
 * correlationid, causationid, recordedtime, traceparent) are headers, the data as JSON is the value. The value is never empty,
 * because Kafka takes an empty one for a deletion.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/kafka-protocol-binding.md
 */
export function cloudEventOf(context: string, event: PublicEvent, { storeId, publicUrl }: Origin): CloudEventRecord {
  const { id, type, subject, sequence, time, recordedAt, dataSchema, correlationId, causationId, traceparent } = event;
  return {
    key: subject,
    value: JSON.stringify(event.data),
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: sourceOf(storeId, context, subject),
      ce_type: type,
      ce_subject: subject,
      ce_time: time,
      ce_dataschema: `${publicUrl}/${dataSchema}`,
      ce_sequence: String(sequence).padStart(SEQUENCE_DIGITS, '0'),
      ce_partitionkey: subject,
      ce_correlationid: correlationId,
      ce_causationid: causationId,
      ce_recordedtime: recordedAt,
      // CloudEvents' tracing extension, and the header that tracing tools follow: both say the same on a single hop.
      ...(traceparent === undefined ? {} : { ce_traceparent: traceparent, traceparent }),
    },
  };
}
