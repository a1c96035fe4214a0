import { partsOf, streamOf } from '../kernel/aggregate';
import { storeIdentityEvents } from '../kernel/store-identity.events';
import { orderNumberIn } from './order-numbers';

/** A stream as people name it: by its own name, or as an order by the number that people call it. */
export type NamedStream =
  { readonly kind: 'stream'; readonly stream: string } | { readonly kind: 'order'; readonly number: string };

/** What may stand for a stream, for messages and help. */
export const STREAM_NAMES =
  'order-<id>, cart-<id>, stock-<id>, … (as events name it), “cart <id>”, or an order by its number (XXXXX-XXXXX)';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const AGGREGATE = /^[a-z][A-Za-z]*$/;

/** null: it is no name of a stream. */
export function namedStream(text: string): NamedStream | null {
  const words = text.trim().split(/\s+/);
  const [first = '', second] = words;
  if (words.length > 2) return null;
  if (second !== undefined) return ofParts(first, second);
  if (first === storeIdentityEvents.aggregate) return { kind: 'stream', stream: first };
  const number = orderNumberIn(first);
  if (number !== null) return { kind: 'order', number };
  const { aggregate, id } = partsOf(first);
  return ofParts(aggregate, id);
}

function ofParts(aggregate: string, id: string): NamedStream | null {
  const number = aggregate === 'order' ? orderNumberIn(id) : null;
  if (number !== null) return { kind: 'order', number };
  const uuid = id.toLowerCase();
  return AGGREGATE.test(aggregate) && UUID.test(uuid) ? { kind: 'stream', stream: streamOf(aggregate, uuid) } : null;
}
