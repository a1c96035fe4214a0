import { pause } from '../../waiting';
import type { ConnectionSettings } from './connection-string';
import { DbClient } from './db-client';
import { NoAnswer } from './errors';

/** After so many times the timeout without a word from the server, although it was asked, the client is replaced. */
const TIMEOUTS_OF_SILENCE = 3;
/** Time for the calls of a client that is closed to end, in milliseconds. */
const LAST_WORDS = 500;

/**
 * The one client of this process, and its replacement. The client mends by itself what it notices; what it does not notice (a
 * cable that was pulled, a server that answers nothing) shows as silence.
 */
export class Connection {
  private client: DbClient;
  private silentSince: number | null = null;

  constructor(
    private readonly settings: ConnectionSettings,
    /** Milliseconds within which the server must have said something. */
    readonly timeout: number,
  ) {
    this.client = new DbClient(settings);
  }

  get current(): DbClient {
    return this.client;
  }

  /** The hosts, for messages. */
  get address(): string {
    return this.settings.address;
  }

  /** @throws NoAnswer after `timeout`. The work may go on then; it must not have an effect that nobody expects. */
  async ask<T>(work: (client: DbClient) => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.heardNothing();
        reject(new NoAnswer(this.timeout));
      }, this.timeout);
    });
    try {
      return await Promise.race([work(this.client), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The server has said something. */
  heard(): void {
    this.silentSince = null;
  }

  /** Nothing was heard for `timeout` by somebody who had asked. */
  heardNothing(): void {
    const now = performance.now();
    this.silentSince ??= now - this.timeout;
    if (now - this.silentSince < TIMEOUTS_OF_SILENCE * this.timeout) return;
    this.silentSince = null;
    const wedged = this.client;
    void closeSoon(wedged);
    this.client = new DbClient(this.settings);
  }

  close(): Promise<void> {
    return closeSoon(this.client);
  }
}

const closeSoon = (client: DbClient): Promise<void> => Promise.race([client.close(), pause(LAST_WORDS)]);
