import type { FastifyReply, FastifyRequest } from 'fastify';
import { decodeCursor, encodeCursor, type CursorOwner, type Place } from '../../kernel/http/cursor';
import type { PageQuery } from '../../kernel/http/paging.dto';
import { setLinks } from '../../kernel/http/paging';
import { servicesOf } from '../../kernel/http/services';

/** Changes of one thing, which are numbered from 0 on and only ever become more. */
export interface ChangeList<C> {
  /** Tells its cursors from those of others. */
  readonly name: string;
  readonly length: number;
  /** The changes from one number to another, both inclusive. */
  read(first: number, last: number): Promise<C[]>;
}

export interface ChangePage<C> {
  readonly items: readonly C[];
  readonly next: string | null;
  readonly prev: string | null;
}

const VERSION = 1;

/** One page of changes, the newest first; cursors and the Link header as every list has them. @throws Rejected `cursor-invalid` */
export async function changePage<C>(
  request: FastifyRequest,
  reply: FastifyReply,
  list: ChangeList<C>,
  { limit, cursor }: PageQuery,
): Promise<ChangePage<C>> {
  const services = servicesOf(request);
  const owner: CursorOwner = {
    projection: 'changes',
    version: VERSION,
    filter: { of: list.name },
    sort: { number: -1 },
  };
  const place = cursor === undefined ? null : decodeCursor(services, owner, cursor);
  const { first, last } = windowAt(place, list.length, limit);
  const items = first > last ? [] : (await list.read(first, last)).reverse();
  const at = (direction: Place['direction'], number: number) =>
    encodeCursor(services, owner, { direction, values: [number] });
  const next = first > 0 && items.length > 0 ? at('next', first) : null;
  const prev = last < list.length - 1 ? at('prev', last) : null;
  setLinks(request, reply, { next, prev });
  return { items, next, prev };
}

/** `next` is what came before the number, `prev` what came after it. */
function windowAt(place: Place | null, length: number, limit: number): { first: number; last: number } {
  const number = Number(place?.values[0] ?? length);
  if (place?.direction === 'prev') {
    const last = Math.min(number + limit, length - 1);
    return { first: number + 1, last };
  }
  return { first: Math.max(0, number - limit), last: Math.min(number, length) - 1 };
}
