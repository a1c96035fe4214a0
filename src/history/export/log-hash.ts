import { hash } from 'node:crypto';

/** Before the first event. */
const NOTHING = Buffer.alloc(32);

/**
 * One hash over a whole log: after each event it is SHA-256 over the hash before it and the event's line in UTF-8. Two logs have
 * the same hash only if they hold the same events in the same order. It can be noted and gone on from.
 */
export class LogHash {
  private state: Buffer;

  /** `hex`: where another one stood. */
  constructor(hex?: string) {
    this.state = hex === undefined ? NOTHING : Buffer.from(hex, 'hex');
  }

  add(line: string): void {
    this.state = hash('sha256', Buffer.concat([this.state, Buffer.from(line, 'utf8')]), 'buffer');
  }

  get hex(): string {
    return this.state.toString('hex');
  }
}
