import type { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import { nextTurn } from '#src/kernel/waiting';
import type { CallFaults } from './faults';
import type { Gate } from './gate';
import type { EventRow } from '#src/kernel/event-store/sqlite/log-reader';
import type { Page } from './log-rows';
import type { NodeLog } from './node-log';
import { type ReadRequest, readRequestOf } from './read-requests';
import { eventResponse, streamNotFound } from './read-responses';
import { badRequest, failed, notServed, tooSlow, unavailable } from './refusals';
import { PAGE, type ReadCall, send } from './sending';
import { Overtaken, Subscription, type SubscriptionWays } from './subscription';

/** Reads and subscriptions, which are one method of the protocol. `closing`: when the node stops. */
export const serveRead =
  (log: NodeLog, gate: Gate, faults: CallFaults, ways: SubscriptionWays, closing: AbortSignal) =>
  (call: ReadCall): void => {
    const left = new AbortController();
    call.on('cancelled', () => left.abort());
    call.on('close', () => left.abort());
    const signal = AbortSignal.any([left.signal, closing]);
    const serve = async () => {
      await faults.delay();
      const refusal = gate.refusalOf(call.metadata);
      if (refusal) return call.emit('error', refusal);
      const request = requestOf(call.request);
      if (request === null) return call.emit('error', badRequest('The filter is not a regular expression.'));
      if (request.kind === 'not-served') return call.emit('error', notServed(request.what));
      if (request.kind === 'read') await read(log, call, request, signal);
      else await new Subscription(log, call, request, ways, signal).run();
      if (closing.aborted) call.emit('error', unavailable());
      else call.end();
    };
    void serve().catch((error: unknown) => call.emit('error', error instanceof Overtaken ? tooSlow() : failed(error)));
  };

function requestOf(request: ReadReq): ReadRequest | null {
  try {
    return readRequestOf(request);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function read(
  log: NodeLog,
  call: ReadCall,
  { stream, page }: { readonly stream: string | null; readonly page: Page },
  signal: AbortSignal,
): Promise<void> {
  let { from, limit } = page;
  while (limit > 0 && !signal.aborted) {
    const part = { ...page, from, limit: Math.min(limit, PAGE) };
    const rows = stream === null ? log.rows.readAll(part) : log.rows.readStream(stream, part);
    if (!rows) return void call.write(streamNotFound(stream!));
    await sendEvents(call, rows, signal);
    const last = rows.at(-1);
    if (!last || rows.length < part.limit) return;
    limit -= rows.length;
    from = last[stream === null ? 0 : 2] + (page.direction === 'forwards' ? 1 : -1);
    await nextTurn();
  }
}

/** As fast as the client takes them. */
async function sendEvents(call: ReadCall, rows: readonly EventRow[], signal: AbortSignal): Promise<void> {
  for (const row of rows) {
    if (signal.aborted) return;
    await send(call, eventResponse(row), signal);
  }
}
