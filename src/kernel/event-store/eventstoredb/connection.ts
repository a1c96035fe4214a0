import { pause } from '../../waiting';
import type { ConnectionSettings } from './connection-string';
import { DbClient } from './db-client';
import { leadsToReconnection, NoAnswer } from './errors';

/**
 * After so many times the timeout without a word from the server, although it was asked, the client is replaced; if that does not
 * help, again after twice as many, up to the most: a connection that hangs in its handshake is not closed by the client.
 */
const TIMEOUTS_OF_SILENCE = 3;
const MOST_TIMEOUTS_OF_SILENCE = 48;
/** Time for the calls of a client that is closed to end, in milliseconds. */
const LAST_WORDS = 500;

/**
 * The one client of this process, and its replacement. The client mends by itself what it notices; what it does not notice (a
 * cable that was pulled, a server that answers nothing) shows as silence.
 */
export class Connection {
  private client: DbClient;
  private silentSince: number | null = null;
  private patience = TIMEOUTS_OF_SILENCE;

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

  /**
   * Proves that the server can be reached, so that what is sent then is sent to somebody.
   * @throws NoAnswer, or what the client or gRPC throws
   */
  async reach(): Promise<DbClient> {
    const { client } = this;
    try {
      await this.ask(() => client.takesBatches());
      return client;
    } catch (error) {
      // It keeps any other failure for good, as the answer to this question.
      if (!(error instanceof NoAnswer) && !leadsToReconnection(error) && client === this.client) this.replace();
      throw error;
    }
  }

  /** The server has said something. */
  heard(): void {
    this.silentSince = null;
    this.patience = TIMEOUTS_OF_SILENCE;
  }

  /** Nothing was heard for `timeout` by somebody who had asked. */
  heardNothing(): void {
    const now = performance.now();
    this.silentSince ??= now - this.timeout;
    if (now - this.silentSince < this.patience * this.timeout) return;
    this.silentSince = null;
    this.patience = Math.min(this.patience * 2, MOST_TIMEOUTS_OF_SILENCE);
    this.replace();
  }

  close(): Promise<void> {
    return closeSoon(this.client);
  }

  /** The old one is ended first: no more than one is used at any time. */
  private replace(): void {
    // Nobody uses it any more, whatever its end is.
    closeSoon(this.client).catch(() => undefined);
    this.client = new DbClient(this.settings);
  }
}

async function closeSoon(client: DbClient): Promise<void> {
  const closed = new AbortController();
  const closing = client.close().finally(() => closed.abort());
  await Promise.race([closing, pause(LAST_WORDS, closed.signal)]);
}
