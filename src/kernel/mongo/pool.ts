import type { MongoClient } from 'mongodb';
import type { Metric } from '../telemetry/metric';

/** How the connections of a client are used, now. */
export interface PoolStatus {
  /** Connections to each server at most. */
  readonly max: number;
  readonly open: number;
  readonly inUse: number;
  /** Calls that wait for a connection. */
  readonly waiting: number;
  /** Calls that waited in vain, so far. */
  readonly failed: number;
}

/** The pool of what is kept in MongoDB, by a name. */
export interface NamedPool extends PoolStatus {
  readonly pool: string;
}

const perPool = (value: (pool: NamedPool) => number) => (pools: readonly NamedPool[]) =>
  pools.map((pool) => ({ labels: { pool: pool.pool }, value: value(pool) }));

export const poolMetrics: readonly Metric<readonly NamedPool[]>[] = [
  {
    name: 'shop_mongodb_pool_max_connections',
    help: 'Connections to each MongoDB server at most (MONGODB_POOL).',
    type: 'gauge',
    values: perPool(({ max }) => max),
  },
  {
    name: 'shop_mongodb_pool_connections',
    help: 'Connections to MongoDB that are open.',
    type: 'gauge',
    values: perPool(({ open }) => open),
  },
  {
    name: 'shop_mongodb_pool_connections_in_use',
    help: 'Connections to MongoDB on which something is asked.',
    type: 'gauge',
    values: perPool(({ inUse }) => inUse),
  },
  {
    name: 'shop_mongodb_pool_waiting',
    help: 'Calls that wait for a connection to MongoDB.',
    type: 'gauge',
    values: perPool(({ waiting }) => waiting),
  },
  {
    name: 'shop_mongodb_pool_failed_total',
    help: 'Calls that got no connection to MongoDB.',
    type: 'counter',
    values: perPool(({ failed }) => failed),
  },
];

/** Counts what the driver says of its pools. */
export class Pool {
  private open = 0;
  private inUse = 0;
  private waiting = 0;
  private failed = 0;

  /** Before the client connects. */
  constructor(private readonly client: MongoClient) {
    client.on('connectionCreated', () => this.open++);
    client.on('connectionClosed', () => this.open--);
    client.on('connectionCheckOutStarted', () => this.waiting++);
    client.on('connectionCheckedOut', () => {
      this.waiting--;
      this.inUse++;
    });
    client.on('connectionCheckOutFailed', () => {
      this.waiting--;
      this.failed++;
    });
    client.on('connectionCheckedIn', () => this.inUse--);
  }

  get status(): PoolStatus {
    const { open, inUse, waiting, failed } = this;
    return { max: this.client.options.maxPoolSize, open, inUse, waiting, failed };
  }
}
