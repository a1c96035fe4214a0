import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** W3C Trace Context, version 00: version, trace id, parent id, flags; an id of zeros is invalid. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The traceparent header if it is valid; one that is not is ignored, as the specification asks. */
export function traceparentOf({ traceparent }: IncomingHttpHeaders): string | undefined {
  return typeof traceparent === 'string' && TRACEPARENT.test(traceparent) ? traceparent : undefined;
}

/** 32 hexadecimal digits that find a request in logs and traces: those of its traceparent, else new ones. */
export function traceIdOf(headers: IncomingHttpHeaders): string {
  const traceparent = traceparentOf(headers);
  return traceparent === undefined ? randomUUID().replaceAll('-', '') : traceparent.slice(3, 35);
}
