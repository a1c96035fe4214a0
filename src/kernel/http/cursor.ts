import type { Json } from '../json';
import type { Filter, Sort } from '../read-models/read-model-store';
import { canonicalJson } from './canonical-json';
import { problem } from './problem';
import type { HttpServices } from './services';

const VERSION = 1;

/** A value that a list is sorted by: every document has one, of one type. */
export type SortValue = string | number | boolean;

/** A place between two items of a sorted list. */
export interface Place {
  readonly direction: 'next' | 'prev';
  /** What the item beside it has in each field of the sort. */
  readonly values: readonly SortValue[];
  /** That item belongs to the page: whoever comes from a page that was emptied goes back to it. */
  readonly inclusive?: boolean;
}

/** What a cursor belongs to: it means nothing in another store, to another version of the projection, or to another query. */
export interface CursorOwner {
  readonly projection: string;
  readonly version: number;
  readonly filter: Filter;
  readonly sort: Sort;
}

type Services = Pick<HttpServices, 'storeId' | 'secrets'>;

/** An opaque cursor: base64url of `{ v, storeId, projection, version, direction, values, inclusive? }`, a dot, and a MAC over it and the query. */
export function encodeCursor(services: Services, owner: CursorOwner, place: Place): string {
  const { projection, version } = owner;
  const content = { v: VERSION, storeId: services.storeId, projection, version, ...place };
  const text = Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${text}.${macOf(services, owner, text)}`;
}

/** @throws Rejected `cursor-invalid`, with the reason where the client can mend it */
export function decodeCursor(services: Services, owner: CursorOwner, cursor: string): Place {
  const [text = '', mac] = cursor.split('.');
  const content = contentOf(text);
  if (content?.['v'] !== VERSION) throw problem('cursor-invalid');
  const { projection, version } = owner;
  if (content['storeId'] !== services.storeId || content['projection'] !== projection || content['version'] !== version)
    throw problem('cursor-invalid', { detail: 'The list has been rebuilt since the cursor was given.' });
  if (mac !== macOf(services, owner, text))
    throw problem('cursor-invalid', { detail: 'The cursor belongs to other filters or to another order.' });
  return {
    direction: content['direction'] as Place['direction'],
    values: content['values'] as SortValue[],
    ...(content['inclusive'] === true ? { inclusive: true } : {}),
  };
}

function contentOf(text: string): Record<string, unknown> | null {
  try {
    return Object(JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** Who changes a cursor, or takes it to another query, is told so instead of seeing a page that means nothing. */
function macOf({ secrets }: Services, { filter, sort }: CursorOwner, text: string): string {
  const query: Json = { filter, sort: Object.entries(sort) };
  return secrets.hmac('cursor', `${text}\n${canonicalJson(query)}`).slice(0, 22);
}
