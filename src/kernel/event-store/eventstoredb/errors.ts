import {
  AccessDeniedError,
  CancelledError,
  convertToCommandError,
  NotLeaderError,
  StreamDeletedError,
  UnavailableError,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { StoreUnavailable } from '../event-store';

/** The server has said nothing for as long as it may. */
export class NoAnswer extends Error {
  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds} ms`);
    this.name = 'NoAnswer';
  }
}

/** Errors of the client and of gRPC alike, as the client's own classes where it has one. */
export const known = (error: unknown): Error =>
  error instanceof Error ? convertToCommandError(error) : new Error(String(error));

export const isAccessDenied = (error: unknown): boolean => known(error) instanceof AccessDeniedError;
export const isNotLeader = (error: unknown): boolean => known(error) instanceof NotLeaderError;
export const isStreamDeleted = (error: unknown): boolean => known(error) instanceof StreamDeletedError;

/** The client makes a new connection because of it. */
export const leadsToReconnection = (error: unknown): boolean =>
  [UnavailableError, CancelledError, NotLeaderError].some((kind) => known(error) instanceof kind);

/** The server could be asked, and has no answer to just this. */
export const wasRefused = (error: unknown): boolean =>
  [status.INTERNAL, status.UNKNOWN, status.INVALID_ARGUMENT, status.OUT_OF_RANGE].includes(codeOf(error) as status);

/**
 * The server ends a subscription because more came at once than it keeps for one, as version 23.10 does however fast the reader is.
 * Nothing is wrong: it is to be taken up again.
 */
export const isOvertaken = (error: unknown): boolean =>
  codeOf(error) === status.ABORTED && /consumer too slow/i.test(String((error as { details?: unknown }).details));

/** What is wrong, in one sentence that holds nothing of the connection string but its hosts. */
export function unavailable(error: unknown, address: string): StoreUnavailable {
  return new StoreUnavailable(sentenceOf(error, `The event store at ${address}`), { cause: error });
}

function sentenceOf(error: unknown, store: string): string {
  if (error instanceof NoAnswer) return `${store} gives ${error.message}.`;
  if (isAccessDenied(error)) {
    return `${store} refuses what the user of the connection string asks for: correct name and password, or let the user read $all and write.`;
  }
  const details = withoutStop((error as { details?: unknown }).details ?? (error as Error).message ?? error);
  if (codeOf(error) === status.UNAVAILABLE || /^Failed to discover/.test(details)) {
    return `${store} can't be reached (${details}).`;
  }
  return `${store} can't answer now (${details}).`;
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

const withoutStop = (text: unknown): string => String(text).replace(/\.?\s*$/, '');
