import { allParts } from '../../contexts';
import { partsOf } from '../../kernel/aggregate';
import type { StoredEvent } from '../../kernel/events';
import type { JsonObject } from '../../kernel/json';
import type { PublicContract } from '../../words/contracts/define-contract';

export type { PublicContract, PublicType } from '../../words/contracts/define-contract';

/** One event as integrators see it. */
export interface PublicEvent {
  /** Id of the stored event: the same whenever and however often it is published. */
  readonly id: string;
  /** `chronocart.ordering.order-placed.v1` */
  readonly type: string;
  /** Id of the aggregate, and Kafka's key. */
  readonly subject: string;
  /** Place among the events of the subject, from 1 and without a gap. */
  readonly sequence: number;
  /** When it happened in the shop, ISO 8601 in UTC: what CloudEvents calls `time`. Clocks of several processes wrote it. */
  readonly time: string;
  /** When the store wrote it, ISO 8601 in UTC: never goes back within a store. */
  readonly recordedAt: string;
  /** Where the JSON Schema of `data` is, relative to the shop's public address: `api/integration/schemas/<type>.json`. */
  readonly dataSchema: string;
  /** Shared by everything that followed from one request. */
  readonly correlationId: string;
  /** Id of the event or the command that it followed from. */
  readonly causationId: string;
  /** W3C Trace Context of the request, where it had one. */
  readonly traceparent?: string;
  /** Never null: of an event whose content is private it is the id of the subject alone. */
  readonly data: JsonObject;
}

/** What is published: every event of the streams of these aggregates, and nothing else. */
export const publicContracts: readonly PublicContract[] = allParts.flatMap(({ published }) =>
  'no' in published ? [] : [published],
);

/** Name of the topic: `shop.ordering.events.v1`. */
export const topicOf = (prefix: string, { context, version }: Pick<PublicContract, 'context' | 'version'>): string =>
  `${prefix}.${context}.events.v${version}`;

/**
 * Every internal type that has a public counterpart: what a relay handles. The kernel's marks are among them, which the registry
 * counts to no published aggregate, because they may come into a stream of any.
 */
export const publishedTypes: ReadonlySet<string> = new Set(publicContracts.flatMap(({ types }) => [...types.keys()]));

/** Path under which the API answers with JSON Schemas. */
export const SCHEMAS_PATH = 'api/integration/schemas';

/** Where the schema of a type is, relative to the shop's public address. */
export const schemaPathOf = (type: string): string => `${SCHEMAS_PATH}/${type}.json`;

/** An event of a published aggregate that has no public counterpart: left out it would be a gap in the sequence. */
export class NotInContract extends Error {
  constructor({ type, stream, revision }: StoredEvent) {
    super(
      `Event ${type} at ${stream}/${revision} has no public counterpart; a newer release wrote it, so upgrade this process.`,
    );
    this.name = 'NotInContract';
  }
}

const byAggregate = new Map(publicContracts.map((contract) => [contract.aggregate, contract]));

/**
 * The public counterpart of a stored event, in its newest version; null when its aggregate is not published.
 * @throws NotInContract for a type of a published aggregate that this release does not know
 */
export function publicEventOf(event: StoredEvent): { readonly context: string; readonly event: PublicEvent } | null {
  const { aggregate, id: subject } = partsOf(event.stream);
  const contract = byAggregate.get(aggregate);
  if (!contract) return null;
  const publicType = contract.types.get(event.type);
  if (!publicType) throw new NotInContract(event);
  const { correlationId, causationId, traceparent, occurredAt } = event.metadata;
  return {
    context: contract.context,
    event: {
      id: event.id,
      type: publicType.type,
      subject,
      sequence: event.revision + 1,
      time: occurredAt,
      recordedAt: event.recordedAt,
      dataSchema: schemaPathOf(publicType.type),
      correlationId,
      causationId,
      ...(traceparent === undefined ? {} : { traceparent }),
      data: publicType.translate(event),
    },
  };
}
