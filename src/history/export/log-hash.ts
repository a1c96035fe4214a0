import { hash } from 'node:crypto';

const HASH_BYTES = 32;
const MOST_BYTES_PER_UTF16_UNIT = 3;

/** Before the first event. */
const NOTHING = '0'.repeat(2 * HASH_BYTES);

/**
 * One hash over a whole log: after each event it is SHA-256 over the hash before it and the event's line in UTF-8. Two logs have
 * the same hash only if they hold the same events in the same order. It can be noted and gone on from.
 */
export class LogHash {
  /** The hash, and room for the line that follows it. */
  private bytes = Buffer.alloc(HASH_BYTES + 4_096);

  /** `hex`: where another one stood. */
  constructor(hex = NOTHING) {
    this.bytes.write(hex, 'hex');
  }

  add(line: string): void {
    const most = HASH_BYTES + MOST_BYTES_PER_UTF16_UNIT * line.length;
    if (this.bytes.length < most) this.bytes = Buffer.concat([this.bytes.subarray(0, HASH_BYTES)], 2 * most);
    const end = HASH_BYTES + this.bytes.write(line, HASH_BYTES, 'utf8');
    hash('sha256', this.bytes.subarray(0, end), 'buffer').copy(this.bytes);
  }

  get hex(): string {
    return this.bytes.toString('hex', 0, HASH_BYTES);
  }
}
