import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Asking {
  readonly token?: string;
  readonly body?: object;
  /** Seconds that the shop may take to come to the outcome; default: 10. */
  readonly wait?: number;
  /** Statuses that are answers; default: all below 500 but 401 and 403. */
  readonly expect?: readonly number[];
}

export interface Answered {
  readonly status: number;
  /** Of the shape that the API reference says. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly answer: any;
}

const TRIES = 100;
const BETWEEN_TRIES_MS = 100;

/** A shop that is asked over HTTP, by somebody who is patient. */
export class AskedShop {
  private isLimited = false;

  /** `limited` is called once, before the first wait for the shop's limits on requests. */
  constructor(
    readonly url: string,
    private readonly limited: () => void = () => {},
  ) {}

  /**
   * Asks again, with the same Idempotency-Key, while the shop says that it needs a moment, and waits as long as it says to who asks
   * too often.
   * @throws Error what was answered, when nobody expects it
   */
  async ask(method: string, path: string, { token, body, wait = 10, expect }: Asking = {}): Promise<Answered> {
    const request = {
      method,
      headers: {
        prefer: `wait=${wait}`,
        ...(body && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(method !== 'GET' && { 'idempotency-key': randomUUID() }),
      },
      ...(body && { body: JSON.stringify(body) }),
    };
    for (let tries = 1; ; tries++) {
      const response = await fetch(this.url + path, request);
      const { status } = response;
      const text = await response.text();
      if (status === 429) {
        if (!this.isLimited) this.limited();
        this.isLimited = true;
        await sleep(Number(response.headers.get('retry-after')) * 1_000);
      } else if (status === 503 && tries < TRIES) {
        await sleep(BETWEEN_TRIES_MS);
      } else if (expect ? expect.includes(status) : status < 500 && status !== 401 && status !== 403) {
        return { status, answer: text ? (JSON.parse(text) as unknown) : {} };
      } else {
        throw new Error(`${method} ${path} was answered ${status}: ${text}`);
      }
    }
  }
}
