import type { ServerWritableStream } from '@grpc/grpc-js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import { once } from 'node:events';

/** A call of `Read`; its responses are encoded already. */
export type ReadCall = ServerWritableStream<ReadReq, Buffer>;

/** Rows are read in pages of this size, and everything else gets its turn between two of them. */
export const PAGE = 500;

/** Sends a response; a promise when the client must take what it was sent before there is room for more. */
export function send(call: ReadCall, response: Buffer, signal: AbortSignal): Promise<unknown> | undefined {
  if (call.write(response) || signal.aborted) return undefined;
  return once(call, 'drain', { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
