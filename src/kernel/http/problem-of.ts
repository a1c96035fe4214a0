import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { OutcomeUnknown, StoreDamaged, StoreUnavailable } from '../event-store/event-store';
import { InvalidInstant } from '../instant';
import { KeyStoreUnavailable, PersonalKeyMissing, SubjectErased } from '../personal-data/personal';
import { QueryTimedOut } from '../query-timed-out';
import { ReadModelsUnavailable } from '../read-models/read-model-store';
import { Rejected } from '../rejection';
import { problem, problemTypeOf } from './problem';

type GenericCode = Parameters<typeof problem>[0];

/** What Nest, Fastify and plugins mean by a status. */
const BY_STATUS: Readonly<Record<number, GenericCode>> = {
  400: 'bad-request',
  401: 'unauthenticated',
  403: 'forbidden',
  // Handlers reject with `not-found`; Nest and Fastify mean that no route matched.
  404: 'route-not-found',
  405: 'method-not-allowed',
  406: 'not-acceptable',
  408: 'request-timeout',
  409: 'conflict',
  410: 'gone',
  413: 'body-too-large',
  414: 'url-too-long',
  415: 'media-type-unsupported',
  417: 'expectation-failed',
  422: 'unprocessable-content',
  428: 'precondition-required',
  429: 'too-many-requests',
  431: 'headers-too-large',
  503: 'not-ready',
};

/** Others' sentences on these would tell too much: of the inside, or of what was sent. */
const SAY_NO_MORE: ReadonlySet<GenericCode> = new Set(['internal-error', 'route-not-found', 'url-too-long']);

/** What any error is to the client. Whatever is not an answer to the client is an `internal-error`, and says nothing more. */
export function problemOf(error: unknown, request: FastifyRequest): Rejected {
  if (error instanceof Rejected) return problemTypeOf(error.code) ? error : problem('internal-error');
  if (error instanceof StoreDamaged) return problem('store-damaged');
  if (error instanceof StoreUnavailable) return problem('store-unavailable');
  if (error instanceof ReadModelsUnavailable) return problem('read-models-unavailable');
  if (error instanceof QueryTimedOut) return problem('query-timeout');
  if (error instanceof InvalidInstant) return problem('as-of-invalid', { detail: error.unquoted });
  if (error instanceof OutcomeUnknown) return problem('outcome-unknown');
  if (error instanceof PersonalKeyMissing || error instanceof KeyStoreUnavailable)
    return problem('personal-data-unavailable');
  if (error instanceof SubjectErased) return problem('personal-data-erased');
  if (error instanceof HttpException) return ofStatus(error.getStatus(), error.message, request);
  if (isBrokenOff(error)) return problem('bad-request', { detail: 'The request was broken off.' });
  if (isFastifyError(error) && error.code === 'FST_ERR_BAD_URL') return problem('url-malformed');
  // What a plugin will not serve is not there.
  if (isFastifyError(error) && error.statusCode === 403) return problem('route-not-found');
  if (isFastifyError(error)) return ofStatus(error.statusCode, error.message, request);
  return problem('internal-error');
}

function ofStatus(status: number, message: string, request: FastifyRequest): Rejected {
  const code = BY_STATUS[status] ?? (status < 500 ? 'bad-request' : 'internal-error');
  if (SAY_NO_MORE.has(code)) return problem(code);
  if (code === 'body-too-large') return problem(code, { maxBytes: request.server.initialConfig.bodyLimit });
  return problem(code, status >= 500 || message === STATUS_CODES[status] ? {} : { detail: message });
}

/** Thrown by Fastify and its plugins; the message of one below 500 is meant for the client. */
function isFastifyError(error: unknown): error is Error & { statusCode: number; code: string } {
  return error instanceof Error && error.name === 'FastifyError' && 'statusCode' in error;
}

/** By the client, in the middle of its body: nobody hears the answer, and it is no failure of ours. */
const isBrokenOff = (error: unknown): boolean =>
  error instanceof Error && error.message === 'aborted' && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
