import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Json } from '../json';
import type { Filter, FindOptions, ReadModelDocument, Sort } from '../read-models/read-model-store';
import { decodeCursor, encodeCursor, type CursorOwner, type Place, type SortValue } from './cursor';
import { servicesOf } from './services';

/** Something that lists documents: the query side of a projection. */
export interface Listed<D extends object> {
  readonly name: string;
  readonly version: number;
  find(filter: Filter, options?: FindOptions): Promise<ReadModelDocument<D>[]>;
}

export interface PageRequest {
  readonly filter: Filter;
  /** Fields that every document has, each of one type and never null; `_id` is added, so that the order is total. */
  readonly sort: Sort;
  readonly limit: number;
  readonly cursor?: string;
}

export interface Page<D extends object> {
  readonly items: readonly ReadModelDocument<D>[];
  /** Cursors of the pages after and before this one; null: there is none. */
  readonly next: string | null;
  readonly prev: string | null;
}

/**
 * One page of a list, by keyset: what is inserted or removed meanwhile makes no other item appear twice or not at all. Sets
 * `Link` with rel=next and rel=prev (RFC 8288).
 * @throws Rejected `cursor-invalid`
 */
export async function page<D extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  list: Listed<D>,
  { filter, sort: by, limit, cursor }: PageRequest,
): Promise<Page<D>> {
  const services = servicesOf(request);
  const sort: Sort = { ...by, _id: by['_id'] ?? 1 };
  const owner: CursorOwner = { projection: list.name, version: list.version, filter, sort };
  const place = cursor === undefined ? null : decodeCursor(services, owner, cursor);
  const backwards = place?.direction === 'prev';
  const order = backwards ? reversed(sort) : sort;
  const wanted: Filter = place ? { $and: [filter, keysetFilter(order, place)] } : filter;
  const found = await list.find(wanted, { sort: order, limit: limit + 1 });
  const more = found.length > limit;
  const items = backwards ? found.slice(0, limit).reverse() : found.slice(0, limit);
  const at = (item: ReadModelDocument<D> | undefined, direction: Place['direction']) =>
    encodeCursor(services, owner, item ? { direction, values: valuesOf(item, sort) } : wayBack(place, direction));
  const next = more || backwards ? at(items.at(-1), 'next') : null;
  const prev = (backwards ? more : place !== null) ? at(items[0], 'prev') : null;
  setLinks(request, reply, { next, prev });
  return { items, next, prev };
}

/** From a page that is empty by now: to the page from which it was asked for, with the item that its cursor stands at. */
function wayBack(place: Place | null, direction: Place['direction']): Place {
  if (!place) throw new Error('Only a page after or before another one can be left by a way back.');
  return { direction, values: place.values, inclusive: true };
}

const reversed = (sort: Sort): Sort =>
  Object.fromEntries(Object.entries(sort).map(([field, direction]) => [field, direction === 1 ? -1 : 1]));

/**
 * What comes after the place in the order of `sort`: for `{ a: 1, _id: 1 }`, `a > x or (a = x and _id > y)`; the bound on the
 * first field stands outside as well, where an index can use it. `inclusive`: the item at the place too.
 */
export function keysetFilter(sort: Sort, { values, inclusive }: Pick<Place, 'values' | 'inclusive'>): Filter {
  const fields = Object.entries(sort).map(([field, direction], i) => ({
    field,
    direction,
    value: values[i] as SortValue,
  }));
  const alternatives = fields.map(({ field, direction, value }, i): Filter => {
    const same = fields.slice(0, i).map((before) => [before.field, before.value] as const);
    const orEqual = inclusive && i === fields.length - 1 ? 'e' : '';
    return { ...Object.fromEntries(same), [field]: { [`${direction === 1 ? '$gt' : '$lt'}${orEqual}`]: value } };
  });
  const [first] = fields;
  if (!first || alternatives.length === 1) return alternatives[0] ?? {};
  return { [first.field]: { [first.direction === 1 ? '$gte' : '$lte']: first.value }, $or: alternatives };
}

function valuesOf(document: ReadModelDocument, sort: Sort): SortValue[] {
  return Object.keys(sort).map((field) => {
    const value = fieldOf(document, field);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
    throw new Error(`Document ${document._id} has no ${field} to be sorted by.`);
  });
}

const fieldOf = (document: ReadModelDocument, path: string): Json | undefined =>
  path
    .split('.')
    .reduce<Json | undefined>((value, name) => (Object(value) as Record<string, Json | undefined>)[name], document);

/** The Link header of a page (RFC 8288). */
export function setLinks(
  request: FastifyRequest,
  reply: FastifyReply,
  cursors: Pick<Page<object>, 'next' | 'prev'>,
): void {
  const links = Object.entries(cursors).flatMap(([rel, cursor]) =>
    cursor === null ? [] : [`<${withCursor(request.url, cursor)}>; rel="${rel}"`],
  );
  if (links.length > 0) reply.header('link', links.join(', '));
}

/** The same URL at another place of the list, relative to this server whatever proxies call it. */
function withCursor(url: string, cursor: string): string {
  const start = url.indexOf('?');
  const parameters = new URLSearchParams(start < 0 ? '' : url.slice(start));
  parameters.set('cursor', cursor);
  return `${start < 0 ? url : url.slice(0, start)}?${parameters.toString()}`;
}
