import {
  MongoBulkWriteError,
  MongoError,
  MongoInvalidArgumentError,
  MongoMissingCredentialsError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import { messageOf } from '../message-of';

/** What is kept in MongoDB, and the error of its port that says that it can't be used now. */
export interface Place {
  /** Begins a sentence. */
  readonly what: string;
  readonly unavailable: new (message: string, options?: ErrorOptions) => Error;
}

/** The server has said nothing for as long as it may. */
export class NoAnswer extends Error {
  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds} ms`);
    this.name = 'NoAnswer';
  }
}

/** E11000: there is a document with this id. */
const DUPLICATE_KEY = 11_000;
const NAMESPACE_NOT_FOUND = 26;
const MAX_TIME_EXPIRED = 50;
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;

export const isDuplicate = (error: unknown): boolean =>
  error instanceof MongoServerError && !(error instanceof MongoBulkWriteError) && error.code === DUPLICATE_KEY;

/** The collection that is to be dropped is not there; before 7.0 that is an error, and not all servers give it its code. */
export const isNotThere = (error: unknown): boolean =>
  error instanceof MongoServerError && (error.code === NAMESPACE_NOT_FOUND || error.message === 'ns not found');

/** The server has given up a query that took longer than its maxTimeMS; as the driver says it, or as an error of a port says it. */
export const isOverTime = (error: unknown): boolean =>
  error instanceof MongoServerError
    ? error.code === MAX_TIME_EXPIRED
    : error instanceof Error && error.cause instanceof MongoServerError && isOverTime(error.cause);

/** Some inserts of a bulk met a document, and everything else of it was done, as durably as was asked for. */
export const isPartial = (error: unknown): error is MongoBulkWriteError => {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) return false;
  const failures = [error.writeErrors].flat();
  return failures.length > 0 && failures.every(({ code }) => code === DUPLICATE_KEY);
};

/** The driver passes the error of a connection that breaks while it waits to write on as the system gave it. */
const isOfSocket = (error: unknown): boolean => typeof error === 'object' && error !== null && 'syscall' in error;

/** Whoever asked knows what these mean: they say nothing about whether the server can be used. */
export const isUnderstood = (error: unknown): boolean =>
  !(error instanceof MongoError || error instanceof NoAnswer || isOfSocket(error)) ||
  error instanceof MongoInvalidArgumentError ||
  isDuplicate(error) ||
  isNotThere(error);

/** What is wrong, in one sentence: the driver's messages name hosts, and neither users nor passwords. */
export function sentenceOn(what: string, error: unknown): string {
  if (error instanceof NoAnswer) return `${what} gives ${error.message}.`;
  const message = messageOf(error).replace(/\.?\s*$/, '');
  // A bulk wraps what broke it off.
  const cause: unknown = error instanceof MongoBulkWriteError ? error.errorResponse : error;
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (code === UNAUTHORIZED || code === AUTHENTICATION_FAILED || cause instanceof MongoMissingCredentialsError)
    return `${what} refuses what the user of the connection string asks for (${message}).`;
  if (cause instanceof MongoNetworkError || cause instanceof MongoServerSelectionError || isOfSocket(cause))
    return `${what} can't be reached (${message}).`;
  return `${what} can't answer now (${message}).`;
}
