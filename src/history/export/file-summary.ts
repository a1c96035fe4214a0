import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** What the lines of a file are told apart by: so many bytes of the SHA-256 of each. */
export const LINE_HASH_BYTES = 8;

export const lineHash = (line: string | Buffer): Buffer => hash('sha256', line, 'buffer').subarray(0, LINE_HASH_BYTES);

/** Length in bytes and SHA-256 of a file, which is read once, a piece at a time. */
export async function summaryOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const sha256 = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(path, { highWaterMark: PIECE }) as AsyncIterable<Buffer>) {
    sha256.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: sha256.digest('hex') };
}

const PIECE = 1024 * 1024;
const LINE_BREAK = 0x0a;

/** The lines of a file, each without its line break; several at a time. A last line without a line break counts as one. */
export async function* linesOf(path: string): AsyncGenerator<Buffer[], void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of createReadStream(path, { highWaterMark: PIECE }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const lines: Buffer[] = [];
    let from = 0;
    for (let at = bytes.indexOf(LINE_BREAK); at >= 0; at = bytes.indexOf(LINE_BREAK, from)) {
      lines.push(bytes.subarray(from, at));
      from = at + 1;
    }
    rest = bytes.subarray(from);
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0) yield [rest];
}
