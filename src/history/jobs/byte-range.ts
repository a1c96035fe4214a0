/** Bytes of a file, both inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const RANGE = /^bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))$/;

/**
 * What a Range header asks for, of a file of so many bytes (RFC 9110, 14.2). null: the whole, also for several ranges and for what is
 * no range, which a server may ignore. `unsatisfiable`: nothing of it is there.
 */
export function rangeOf(header: string | undefined, bytes: number): ByteRange | 'unsatisfiable' | null {
  const [match, first, last, suffix] = RANGE.exec(header?.trim() ?? '') ?? [];
  if (match === undefined) return null;
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), bytes);
    return length === 0 ? 'unsatisfiable' : { start: bytes - length, end: bytes - 1 };
  }
  const start = Number(first);
  const end = last ? Number(last) : bytes - 1;
  if (last && end < start) return null;
  return start >= bytes ? 'unsatisfiable' : { start, end: Math.min(end, bytes - 1) };
}
