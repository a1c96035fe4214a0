import { partsOf } from '../../kernel/aggregate';
import type { RecordedEvent } from '../../kernel/events';
import type { EventTexts } from './log-line';
import { pseudonymousText } from './pseudonyms';

/** A column of the tabular forms of the log; its type as DuckDB names it. */
export interface EventColumn {
  readonly name: string;
  readonly type: 'VARCHAR' | 'INTEGER' | 'BIGINT' | 'TIMESTAMPTZ' | 'JSON';
  /** `texts`: of that event. */
  of(event: RecordedEvent, texts: EventTexts): string | number | null;
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const actor = (event: RecordedEvent, member: 'kind' | 'id'): string | null => {
  const value = event.metadata['actor'];
  return typeof value === 'object' && value !== null ? text((value as Record<string, unknown>)[member]) : null;
};

/** Of every event, whatever its type. Personal data appears under pseudonyms. Times are UTC. */
export const EVENT_COLUMNS: readonly EventColumn[] = [
  { name: 'commit', type: 'VARCHAR', of: ({ position }) => position.commit },
  { name: 'prepare', type: 'VARCHAR', of: ({ position }) => position.prepare },
  { name: 'stream', type: 'VARCHAR', of: ({ stream }) => stream },
  { name: 'aggregate', type: 'VARCHAR', of: ({ stream }) => partsOf(stream).aggregate },
  { name: 'aggregate_id', type: 'VARCHAR', of: ({ stream }) => partsOf(stream).id },
  { name: 'revision', type: 'BIGINT', of: ({ revision }) => revision },
  { name: 'event_id', type: 'VARCHAR', of: ({ id }) => id },
  { name: 'type', type: 'VARCHAR', of: ({ type }) => type },
  {
    name: 'version',
    type: 'INTEGER',
    of: ({ metadata }) => (typeof metadata['v'] === 'number' ? metadata['v'] : null),
  },
  { name: 'recorded_at', type: 'TIMESTAMPTZ', of: ({ recordedAt }) => recordedAt },
  { name: 'occurred_at', type: 'TIMESTAMPTZ', of: ({ metadata }) => text(metadata['occurredAt']) },
  { name: 'actor_kind', type: 'VARCHAR', of: (event) => actor(event, 'kind') },
  { name: 'actor_id', type: 'VARCHAR', of: (event) => actor(event, 'id') },
  { name: 'command_id', type: 'VARCHAR', of: ({ metadata }) => text(metadata['commandId']) },
  { name: 'correlation_id', type: 'VARCHAR', of: ({ metadata }) => text(metadata['correlationId']) },
  { name: 'causation_id', type: 'VARCHAR', of: ({ metadata }) => text(metadata['causationId']) },
  { name: 'data', type: 'JSON', of: ({ data }, texts) => pseudonymousText(data, texts.data) },
  { name: 'metadata', type: 'JSON', of: ({ metadata }, texts) => pseudonymousText(metadata, texts.metadata) },
];
