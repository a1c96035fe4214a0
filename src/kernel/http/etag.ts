import { hash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { headerOf } from './header';
import { problem } from './problem';

/** 96 bits: enough to tell two representations of one revision from each other. */
const hashOf = (text: string): string => hash('sha256', text, 'base64url').slice(0, 16);

/**
 * A strong entity tag (RFC 9110, 8.8.3): `"<revision>.<hash of the body>"`. If-Match compares the revision, If-None-Match
 * the whole. Without a revision (what is read has none) it is `"<hash>"`, which If-Match refuses.
 * @param body the representation, as it is sent
 */
export const etagOf = (revision: number | null, body: string): string =>
  revision === null ? `"${hashOf(body)}"` : `"${revision}.${hashOf(body)}"`;

const ETAG = /^"(\d{1,15})\.[\w-]+"$/;

/**
 * The revision that If-Match names; undefined without the header. `*` and lists are refused, because a client that may
 * change any revision needs no If-Match.
 * @throws Rejected `if-match-invalid`
 */
export function ifMatchOf(request: FastifyRequest): number | undefined {
  const header = headerOf(request, 'if-match');
  if (header === undefined) return undefined;
  const [, revision] = ETAG.exec(header.trim()) ?? [];
  if (revision === undefined) throw problem('if-match-invalid', { detail: whyNot(header.trim()) });
  return Number(revision);
}

function whyNot(header: string): string {
  if (header === '*') return 'Leave If-Match out where any revision will do.';
  if (header.startsWith('W/')) return 'A weak entity tag never matches in If-Match (RFC 9110, 13.1.1).';
  return 'Send the ETag of the resource as it was given, with its quotes.';
}

/** The revision that If-Match names. @throws Rejected `precondition-required` (428) without the header */
export function requireIfMatch(request: FastifyRequest): number {
  const revision = ifMatchOf(request);
  if (revision === undefined) throw problem('precondition-required');
  return revision;
}

/** Whether If-None-Match names `etag`: then the client has this very representation (RFC 9110, 13.1.2: weak comparison). */
export function hasAlready(request: FastifyRequest, etag: string): boolean {
  const header = headerOf(request, 'if-none-match');
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
