import { messageOf } from './message-of';

/** Whether something that may be away answers; warns when it goes and when it is back, not at every try between. */
export class Outage {
  private why: string | null = null;

  /** `who`: the subject of the sentences that are told. */
  constructor(
    private readonly who: string,
    private readonly warn: (message: string) => void,
  ) {}

  /** The message of the last error, while it does not answer. */
  get error(): string | null {
    return this.why;
  }

  answered(): void {
    if (this.why !== null) this.warn(`${this.who} works again.`);
    this.why = null;
  }

  failed(error: unknown): void {
    const before = this.why;
    this.why = messageOf(error);
    if (before === null) this.warn(`${this.who} does not work and is tried again: ${this.why}`);
  }
}
