import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { MAX_APPEND_SIZE } from './appends';

/** A status that ends a call; clients look at its trailer `exception` first. */
export type Refusal = Pick<ServiceError, 'code' | 'details' | 'metadata'>;

function refusal(code: status, details: string, trailers: Readonly<Record<string, string>> = {}): Refusal {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return { code, details, metadata };
}

export const unauthenticated = (): Refusal => refusal(status.UNAUTHENTICATED, 'Unauthenticated');

export const unavailable = (): Refusal => refusal(status.UNAVAILABLE, 'Server Is Not Ready');

export const timedOut = (): Refusal => refusal(status.ABORTED, 'Operation timed out.');

/** How version 23.10 ends a subscription for which more is waiting than it keeps. */
export const tooSlow = (): Refusal =>
  refusal(
    status.ABORTED,
    'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
  );

export const notLeader = ({ host, port }: { host: string; port: number }): Refusal =>
  refusal(status.NOT_FOUND, `Leader info available`, {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

export const appendTooLarge = (): Refusal =>
  refusal(status.INVALID_ARGUMENT, `Maximum Append Size of ${MAX_APPEND_SIZE} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(MAX_APPEND_SIZE),
  });

export const badRequest = (message: string): Refusal => refusal(status.INVALID_ARGUMENT, message);

export const notServed = (what: string): Refusal =>
  refusal(status.UNIMPLEMENTED, `The node for tests does not serve ${what}.`);

export const failed = (error: unknown): Refusal =>
  refusal(status.UNKNOWN, error instanceof Error ? error.message : String(error));
