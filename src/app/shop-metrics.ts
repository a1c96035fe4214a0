import type { RelayStatus } from '../integration/kafka-relay';
import type { ClockWatch } from '../kernel/event-store/clock-watch';
import type { EventStore } from '../kernel/event-store/event-store';
import type { Feed } from '../kernel/feed/feed';
import type { Leases, LeaseStatus } from '../kernel/leases/leases';
import type { ReaderStatus } from '../kernel/feed/reader-queue';
import type { Position } from '../kernel/position';
import type { ProcessOperations } from '../kernel/processes/process-operations';
import type { ProcessStatus } from '../kernel/processes/process-runner';
import type { ReadModelStatus } from '../kernel/read-models/read-model-status';
import type { ReadModels } from '../kernel/read-models/read-models';
import type { SectionStatus, SharedCache } from '../kernel/shared-cache';
import type { Labels, Sample } from '../kernel/telemetry/exposition';
import type { Metric } from '../kernel/telemetry/metric';
import type { Metrics } from '../kernel/telemetry/metrics';
import { processState, shopInfo, type ProcessState } from './process-state';

/** Whose status is told. */
export interface MeteredShop {
  readonly version: string;
  readonly role: string;
  readonly health: { readonly state: ProcessState };
  readonly store: Pick<EventStore, 'head' | 'subscriptionsRenewed'>;
  readonly clockWatch: Pick<ClockWatch, 'aheadMs'>;
  readonly feed: Pick<Feed, 'status'>;
  readonly readModels: Pick<ReadModels, 'status'>;
  readonly processes: Pick<ProcessOperations, 'status'>;
  readonly cache: Pick<SharedCache, 'maxBytes' | 'status'>;
  /** null: this process is alone. */
  readonly leases: Pick<Leases, 'status'> | null;
  /** null: this process does not relay, or not now. */
  readonly relay: () => RelayStatus | null;
}

/** Registers what tells an operator how this process of the shop is doing; docs/operations.md says what to watch. */
export function shopMetrics(metrics: Metrics, { version, role, ...shop }: MeteredShop): void {
  metrics.add(() => undefined, [shopInfo({ version, role })]);
  metrics.add(() => shop.health.state, [processState]);
  metrics.gauge(
    'shop_event_store_head_position',
    'Commit position of the newest event, in the units of the store: events on the embedded one, bytes on EventStoreDB.',
    async () => placeOf(await shop.store.head()),
  );
  metrics.gauge(
    'shop_event_store_ahead_seconds',
    'By how much the newest event was recorded in the future of this process’s clock, in seconds; 0: it was not.',
    () => shop.clockWatch.aheadMs / 1e3,
  );
  metrics.counter(
    'shop_event_store_subscriptions_renewed_total',
    'Subscriptions that the event store has ended because much came at once, and that were taken up again at once.',
    () => shop.store.subscriptionsRenewed,
  );
  metrics.gauge(
    'shop_cache_max_bytes',
    'What this process may keep only in order not to read it again (CACHE_MB).',
    () => [{ labels: {}, value: shop.cache.maxBytes }],
  );
  metrics.add(() => shop.cache.status(), ofCache);
  metrics.add(() => shop.feed.status(), ofReaders);
  metrics.add(() => shop.readModels.status(), ofReadModels);
  metrics.add(() => runsHere(shop.processes), ofProcesses);
  metrics.add(() => shop.leases?.status() ?? [], ofLeases);
  metrics.add(shop.relay, ofRelay);
}

type PerItem<T> = (value: (item: T) => number | boolean) => (items: readonly T[]) => Sample[];

/** One sample of each item, told apart by their labels. */
const per =
  <T>(labels: (item: T) => Labels): PerItem<T> =>
  (value) =>
  (items) =>
    items.map((item) => ({ labels: labels(item), value: Number(value(item)) }));

const perSection = per<SectionStatus>(({ section }) => ({ section }));

const ofCache: readonly Metric<readonly SectionStatus[]>[] = [
  {
    name: 'shop_cache_bytes',
    help: 'About how much of its cache this process uses, in bytes.',
    type: 'gauge',
    values: perSection(({ bytes }) => bytes),
  },
  {
    name: 'shop_cache_items',
    help: 'Streams, and instances of processes, in the cache of this process.',
    type: 'gauge',
    values: perSection(({ items }) => items),
  },
  {
    name: 'shop_cache_evictions_total',
    help: 'What was forgotten because others needed the room; it is read again when it is asked for.',
    type: 'counter',
    values: perSection(({ evicted }) => evicted),
  },
];

const perReader = per<ReaderStatus>(({ name }) => ({ reader: name }));

/** Of the readers that this process has now; another process has those whose lease it holds. */
const ofReaders: readonly Metric<readonly ReaderStatus[]>[] = [
  {
    name: 'shop_feed_reader_position',
    help: 'Commit position up to which a reader of the feed has handled everything, in the units of the store.',
    type: 'gauge',
    values: perReader(({ position }) => placeOf(position)),
  },
  {
    name: 'shop_feed_reader_events_total',
    help: 'Events of the log, of any type, that have passed a reader of the feed.',
    type: 'counter',
    values: perReader(({ seen }) => seen),
  },
  {
    name: 'shop_feed_reader_caught_up',
    help: 'Whether a reader of the feed had handled all that was in the store when its last batch was made: 1 or 0.',
    type: 'gauge',
    values: perReader(({ caughtUp }) => caughtUp),
  },
  {
    name: 'shop_feed_reader_failing_seconds',
    help: 'For how long a reader of the feed has been failing at the same batch, in seconds; 0: it is not.',
    type: 'gauge',
    values: perReader(({ failingSince }) => secondsSince(failingSince)),
  },
  {
    name: 'shop_feed_reader_paused',
    help: 'Whether a reader of the feed takes no part because trying again does not help: 1 or 0.',
    type: 'gauge',
    values: perReader(({ paused }) => paused),
  },
];

const perReadModel = per<ReadModelStatus>(({ projection, version }) => ({ projection, version: String(version) }));

/** Of the versions that this release serves, whoever projects them. */
const ofReadModels: readonly Metric<readonly ReadModelStatus[]>[] = [
  {
    name: 'shop_read_model_position',
    help: 'Commit position that the stored checkpoint of a read model has reached, in the units of the store.',
    type: 'gauge',
    values: perReadModel(({ position }) => placeOf(position)),
  },
  {
    name: 'shop_read_model_ready',
    help: 'Whether a read model is served: 1 or 0.',
    type: 'gauge',
    values: perReadModel(({ ready }) => ready),
  },
  {
    name: 'shop_read_model_parked_keys',
    help: 'Documents of a read model that can not be read before an operator has retried or skipped an event.',
    type: 'gauge',
    values: perReadModel(({ parkedKeys }) => parkedKeys),
  },
];

/** Nothing is told of the process managers where another process runs them. */
const ofProcesses: readonly Metric<ProcessStatus | null>[] = [
  {
    name: 'shop_processes_caught_up',
    help: 'Whether the process managers have caught up since they were started, so that timeouts fire: 1 or 0.',
    type: 'gauge',
    values: (status) => status && status.caughtUp,
  },
  {
    name: 'shop_processes_commands_in_flight',
    help: 'Commands of process managers that are being carried out.',
    type: 'gauge',
    values: (status) => status && status.commandsInFlight,
  },
  {
    name: 'shop_processes_instances_waiting',
    help: 'Instances of process managers whose commands wait for their turn.',
    type: 'gauge',
    values: (status) => status && status.instancesWaiting,
  },
  {
    name: 'shop_processes_commands_retried',
    help: 'Commands of process managers that got no answer yet and are sent again.',
    type: 'gauge',
    values: (status) => status && status.retried.length,
  },
  {
    name: 'shop_processes_instances_parked',
    help: 'Instances of process managers that an operator must let try again.',
    type: 'gauge',
    values: (status) => status && status.parked.length,
  },
  {
    name: 'shop_processes_timeouts',
    help: 'Instances of process managers whose first timeout is due within the hour.',
    type: 'gauge',
    values: (status) => status && status.timeouts,
  },
  {
    name: 'shop_processes_documents_unstored',
    help: 'Documents about instances of process managers that are kept in memory until the read-model store takes them.',
    type: 'gauge',
    values: (status) => status && status.unstoredDocuments,
  },
  {
    name: 'shop_processes_timers_failing',
    help: 'Whether timeouts could not fire or be read at the last tick: 1 or 0.',
    type: 'gauge',
    values: (status) => status && status.timersError !== null,
  },
];

const perLease = per<LeaseStatus>(({ name }) => ({ lease: name }));

/** Of the leases that this process wants. Over all processes each should be held once. */
const ofLeases: readonly Metric<readonly LeaseStatus[]>[] = [
  {
    name: 'shop_lease_held',
    help: 'Whether this process holds a lease, and does its work: 1 or 0.',
    type: 'gauge',
    values: perLease(({ held }) => held),
  },
  {
    name: 'shop_lease_epoch',
    help: 'How often a lease has changed hands, as far as this process has seen.',
    type: 'gauge',
    values: perLease(({ epoch }) => epoch),
  },
  {
    name: 'shop_lease_unreadable',
    help: 'Whether a lease can be neither read nor kept now; who holds it goes on: 1 or 0.',
    type: 'gauge',
    values: perLease(({ error }) => error !== null),
  },
];

const ofRelay: readonly Metric<RelayStatus | null>[] = [
  {
    name: 'shop_relay_events_total',
    help: 'Public events that are in Kafka, since the first one.',
    type: 'counter',
    values: (status) => status && status.count,
  },
  {
    name: 'shop_relay_relayed_until_seconds',
    help: 'When the newest event was recorded that this process has relayed, in seconds since 1970.',
    type: 'gauge',
    values: (status) => (status?.relayedUntil == null ? null : Date.parse(status.relayedUntil) / 1e3),
  },
  {
    name: 'shop_relay_connected',
    help: 'Whether the relay has a producer that the brokers have accepted: 1 or 0.',
    type: 'gauge',
    values: (status) => status && status.connected,
  },
  {
    name: 'shop_relay_failing_seconds',
    help: 'For how long the relay has not been able to write to Kafka, in seconds; 0: it is.',
    type: 'gauge',
    values: (status) => status && secondsSince(status.failingSince),
  },
];

async function runsHere(processes: MeteredShop['processes']): Promise<ProcessStatus | null> {
  const status = await processes.status();
  return status.runsHere ? status : null;
}

/** A number only for pictures: it may be rounded beyond 2^53. 0: before the first event. */
const placeOf = (position: Position | null): number => Number(position?.commit ?? 0);

/** `time`: of `performance.now()`. */
const secondsSince = (time: number | null): number => (time === null ? 0 : (performance.now() - time) / 1e3);
