import { ApiExtension } from '@nestjs/swagger';

/** Where routes keep what the OpenAPI document says about them, until it is built. */
export const PROBLEMS_EXTENSION = 'x-problems';
export const KIND_EXTENSION = 'x-kind';
export const CONTEXT_EXTENSION = 'x-command-context';

/** How a read model can't be read: implied for queries, and to be stated where a command asks one. */
export const UNREADABLE = ['projection-behind', 'projection-not-ready', 'projection-parked'] as const;

export interface RouteKind {
  readonly kind: 'command' | 'query';
  /** Whether clients are told of If-Match, and whether it may be missing; a command compares it wherever it is sent. */
  readonly ifMatch?: 'optional' | 'required';
  /** `Prefer: wait=N` is honoured: the answer may come later, and then says more. */
  readonly wait?: boolean;
  /** `?asOf=` is honoured: the answer may be one of another time. */
  readonly asOf?: boolean;
  /** Problem types beside those that follow from what the route takes. Every code must be declared. */
  readonly problems?: readonly string[];
}

/** Problem types that a route answers with, beside those that follow from what it takes. Every code must be declared. */
export const Problems = (...codes: string[]) => ApiExtension(PROBLEMS_EXTENSION, codes);

/** A route that issues a command: documents Idempotency-Key, If-Match, the answer's headers, and their problems. */
export const CommandDocs = (more: Omit<RouteKind, 'kind'> = {}) =>
  ApiExtension(KIND_EXTENSION, { kind: 'command', ...more } satisfies RouteKind);

/** A route that answers a query: documents Consistency-Token, Prefer, If-None-Match, and their problems. */
export const QueryDocs = (more: Pick<RouteKind, 'asOf' | 'problems'> = {}) =>
  ApiExtension(KIND_EXTENSION, { kind: 'query', ...more } satisfies RouteKind);
