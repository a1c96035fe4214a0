import { streamOf, partsOf } from '../kernel/aggregate';
import { logPages } from '../kernel/event-store/log-pages';
import { connect } from '../kernel/event-store/sqlite/connection';
import { SqliteEventStore } from '../kernel/event-store/sqlite-event-store';
import { orderNumberOf } from '../words/order-number';
import type { Progress } from './cli/progress';
import { embeddedStoreOf, type HistorySource } from './source';

const NUMBER = /^([0-9A-HJKMNP-TV-Z]{5})-?([0-9A-HJKMNP-TV-Z]{5})$/;
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The number as the shop writes it, from what people make of it (Crockford's base 32: O is 0, I and L are 1); null: it is none. */
export function orderNumberIn(text: string): string | null {
  const [, first, second] = NUMBER.exec(text.toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1')) ?? [];
  return first === undefined ? null : `${first}-${second}`;
}

/** The last twelve digits of the id that a number was made of: 48 of its 50 bits. */
function endOfId(number: string): string {
  let bits = 0n;
  for (const digit of number.replace('-', '')) bits = bits * 32n + BigInt(DIGITS.indexOf(digit));
  return (bits & ((1n << 48n) - 1n)).toString(16).padStart(12, '0');
}

/**
 * The id of the order with this number; null: there is none. The embedded store is asked for the names of its streams; another one
 * is read from its beginning, which `progress` shows.
 * @throws StoreUnavailable
 */
export async function orderWithNumber(
  { store, dataDir }: Pick<HistorySource, 'store' | 'dataDir'>,
  number: string,
  progress: () => Progress,
): Promise<string | null> {
  if (store instanceof SqliteEventStore) return amongStreams(embeddedStoreOf(dataDir), number);
  return amongEvents({ store }, number, progress());
}

/** An order has a stream when it is placed; the checkout process has one before. */
function amongStreams(file: string, number: string): string | null {
  const database = connect(file, true);
  try {
    const named = database.prepare('SELECT name FROM streams WHERE name GLOB ?').raw();
    for (const aggregate of ['order', 'checkout']) {
      const names = named.all([streamOf(aggregate, `*-${endOfId(number)}`)]) as [string][];
      const id = names.map(([name]) => partsOf(name).id).find((candidate) => orderNumberOf(candidate) === number);
      if (id !== undefined) return id;
    }
    return null;
  } finally {
    database.close();
  }
}

async function amongEvents(
  { store }: Pick<HistorySource, 'store'>,
  number: string,
  progress: Progress,
): Promise<string | null> {
  try {
    for await (const page of logPages(store)) {
      const found = page.find(({ type, data }) => type === 'CartCheckedOut' && numberOf(data['orderId']) === number);
      if (found) return String(found.data['orderId']);
      progress.advance(page.length);
    }
    return null;
  } finally {
    progress.end();
  }
}

const numberOf = (orderId: unknown): string | null => (typeof orderId === 'string' ? orderNumberOf(orderId) : null);
