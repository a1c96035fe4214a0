import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { headerOf } from './header';

/** What the client would like (RFC 7240); what can't be read is ignored, as that specification says. */
export interface Preferences {
  /** How long it would wait for the outcome, in milliseconds, at most `MAX_WAIT_MS`; null: it did not say. */
  readonly waitMs: number | null;
  /** `handling=lenient`: rather a stale answer than none. */
  readonly lenient: boolean;
}

/** Nobody is kept waiting longer than this, whatever they prefer. */
export const MAX_WAIT_MS = 10_000;

const NONE: Preferences = { waitMs: null, lenient: false };
/** name [= value] [; parameters]: parameters mean nothing here. */
const PREFERENCE = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[!#$%&'*+.^_`|~\w-]+)\s*)?(?:;.*)?$/;

/** Reads a Prefer header; of a preference that is stated twice the first one counts. */
export function preferencesOf(header: string | undefined): Preferences {
  if (header === undefined) return NONE;
  const stated = new Map<string, string>();
  for (const part of header.split(',')) {
    const [, name, value = ''] = PREFERENCE.exec(part) ?? [];
    const key = name?.toLowerCase();
    if (key !== undefined && !stated.has(key)) stated.set(key, value.replace(/^"(.*)"$/, '$1'));
  }
  const wait = stated.get('wait') ?? '';
  return {
    waitMs: /^\d{1,9}$/.test(wait) ? Math.min(Number(wait) * 1000, MAX_WAIT_MS) : null,
    lenient: stated.get('handling')?.toLowerCase() === 'lenient',
  };
}

export const requestPreferences = (request: FastifyRequest): Preferences => preferencesOf(headerOf(request, 'prefer'));

/** A handler's parameter: `Preferences` of the request. */
export const Prefers = createParamDecorator((_: undefined, context: ExecutionContext) =>
  requestPreferences(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** Says which preference was honoured: `wait=5`, `handling=lenient`. */
export function preferenceApplied(reply: FastifyReply, preference: string): void {
  const before = reply.getHeader('preference-applied');
  reply.header('preference-applied', before === undefined ? preference : `${String(before)}, ${preference}`);
}
