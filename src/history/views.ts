import { partsOf } from '../kernel/aggregate';
import type { StoredEvent } from '../kernel/events';
import { type Instant, textOfInstant } from '../kernel/instant';
import type { Json } from '../kernel/json';
import { stampOf } from '../kernel/position';
import { orderNumberOf } from '../words/order-number';
import type { Cause } from './causes';
import type { Difference } from './differences';
import { withPseudonyms } from './export/pseudonyms';
import { settle } from './instant';
import type { HistoryLog } from './source';
import { type Step, streamAsOf, type StreamThen } from './stream-history';

/*
 * What analysts are given, on the command line and over HTTP: plain data in which every sealed value is replaced by its pseudonym.
 */

/** What an answer is as of. */
export interface AsOf {
  /** As it was asked for. */
  readonly asked: string;
  /** The place in the log; null: the store can't tell, and `asked` is a time. */
  readonly position: string | null;
  /** Of the newest event of the stream then; null: there was none yet. */
  readonly revision: number | null;
  readonly recordedAt: string | null;
}

/** `settled`: what the store made of what was asked. */
const asOfView = (asked: Instant, settled: Instant, { newest }: Pick<StreamThen, 'newest'>): AsOf => ({
  asked: textOfInstant(asked),
  position: settled.kind === 'position' ? stampOf(settled.position) : newest && stampOf(newest.position),
  revision: newest?.revision ?? null,
  recordedAt: newest?.recordedAt ?? null,
});

/** Which stream, and what people call it. */
export function nameView(stream: string) {
  const { aggregate, id } = partsOf(stream);
  return { stream, aggregate, ...(aggregate === 'order' ? { orderNumber: orderNumberOf(id) } : {}) };
}

/** A stream as it was, what that is as of, and the instant as the store understood it. */
export interface Reading {
  readonly then: StreamThen;
  readonly asOf: AsOf;
  readonly settled: Instant;
}

/** @throws as `streamAsOf` does */
export async function readAsOf(log: HistoryLog, stream: string, asked: Instant): Promise<Reading> {
  const settled = await settle(log.store, asked);
  const then = await streamAsOf(log, stream, settled);
  return { then, asOf: asOfView(asked, settled, then), settled };
}

export const stateView = ({ then: { stream, state }, asOf }: Reading) => ({
  ...nameView(stream),
  asOf,
  state: sealed(state),
});

export const differenceView = (change: Difference): Difference => ({
  ...change,
  ...('before' in change ? { before: sealed(change.before) } : {}),
  ...('after' in change ? { after: sealed(change.after) } : {}),
});

export function eventView({ id, stream, revision, position, recordedAt, type, metadata }: StoredEvent) {
  const { actor, occurredAt, correlationId } = metadata;
  return { id, stream, revision, position: stampOf(position), type, recordedAt, occurredAt, correlationId, actor };
}

export const stepView = ({ event, changes }: Step, cause: Cause) => ({
  ...eventView(event),
  cause,
  changes: changes.map(differenceView),
});

const sealed = (value: Json): Json => withPseudonyms(value) as Json;
