import { setTimeout as sleep } from 'node:timers/promises';
import { isSnapshotStream } from '#src/kernel/aggregate';
import type { RecordedEvent } from '#src/kernel/events';
import { deriveId, newId } from '#src/kernel/ids';
import { isMark } from '#src/kernel/write-path/mark.events';
import { UndocumentedAnswer } from './documented-answers';
import { requestsTo, type Answer, type RequestOptions } from './shop-app';

/** Where the shop is now; waits while it is down. */
export type Whereabouts = () => Promise<string>;

/** A command, and the answer that its sender was content with. */
export interface Answered {
  readonly what: string;
  readonly commandId: string;
  readonly status: number;
  /** Of the stream after the command, from the ETag; null: the answer named none. */
  readonly revision: number | null;
  /** The last answer said that the command had been done by an earlier try. */
  readonly replayed: boolean;
  /** Tries that got no answer, or a 503. */
  readonly unanswered: number;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export interface CommandOptions {
  readonly body?: unknown;
  /** Values of the `:names` in the route. */
  readonly at?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const BETWEEN_TRIES_MS = 20;

/**
 * Someone who uses the shop over HTTP while it crashes: gives each command an Idempotency-Key, sends it again with the same one
 * until there is an answer, and writes that down.
 */
export class ShopClient {
  readonly answered: Answered[] = [];
  /** Ids of all commands that were ever sent. */
  readonly sent = new Set<string>();
  /** Answers that the API promises not to give. */
  readonly surprises: string[] = [];
  /** What it has asked for and waits to hear. */
  readonly unheard = new Set<string>();

  constructor(
    readonly shop: Whereabouts,
    /** Id of the account or guest whose token it is. */
    readonly principalId: string,
    public token: string,
    /** With which it logs in anew when the token is too old; a guest can't. */
    private readonly credentials: Credentials | null = null,
  ) {}

  /** A guest of its own. */
  static async guest(shop: Whereabouts): Promise<ShopClient> {
    const { body } = await untilAnswered(shop, 'POST', '/api/auth/guest');
    return new ShopClient(shop, body.guestId as string, body.accessToken as string);
  }

  static async logIn(shop: Whereabouts, credentials: Credentials): Promise<ShopClient> {
    const { account, accessToken } = await session(shop, credentials);
    return new ShopClient(shop, account.accountId, accessToken, credentials);
  }

  /** Asks until there is an answer. */
  async get(path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.expectAnswer(`GET ${path}`, await this.ask('GET', path, options));
  }

  /**
   * Sends a command until there is an answer. `route` as the API has it (`/api/orders/:orderId/cancel`): the command's id is made
   * of it. Now and then a command that was answered is sent again (`again`), as by a client that lost the answer: it must get the
   * same one.
   */
  async command(method: string, route: string, { body, at = {}, headers }: CommandOptions = {}, again = false) {
    const key = newId();
    const what = `${method} ${route}`;
    const commandId = deriveId(this.principalId, `${method}|${route}|${key}`);
    const path = route.replace(/:(\w+)/g, (_, name: string) => at[name] as string);
    const request = { body, headers: { ...headers, 'idempotency-key': key } };
    this.sent.add(commandId);
    const { unanswered, ...answer } = await this.ask(method, path, request);
    this.expectAnswer(what, answer);
    const { status } = answer;
    // Who has become an account between two tries is not told by this token what became of the first one.
    if (answer.body.code === 'guest-token-used' && unanswered > 0) return answer;
    const replayed = answer.headers.get('idempotent-replayed') === 'true';
    this.answered.push({ what, commandId, status, revision: revisionOf(answer), replayed, unanswered });
    if (again && status < 300) this.expectSame(what, answer, await this.ask(method, path, request));
    return answer;
  }

  /** Logs in to an account that is there, as a browser does in which somebody was a guest so far: the cart is to come along. */
  async becomes(credentials: Credentials): Promise<ShopClient> {
    const key = newId();
    this.sent.add(deriveId(this.principalId, `POST|/api/auth/login|${key}`));
    const { shop, token } = this;
    const headers = { 'idempotency-key': key };
    const { account, accessToken } = await session(shop, { ...credentials, guestToken: token }, { token, headers });
    return new ShopClient(shop, account.accountId, accessToken, credentials);
  }

  /** Sends it until there is an answer, with a new token where the old one is too old. */
  private async ask(method: string, path: string, options: RequestOptions): Promise<Heard> {
    const what = `${method} ${path} at ${new Date().toISOString()}`;
    this.unheard.add(what);
    try {
      for (;;) {
        const answer = await untilAnswered(this.shop, method, path, { token: this.token, ...options });
        if (this.credentials === null || answer.body.code !== 'token-expired') return answer;
        this.token = (await session(this.shop, this.credentials)).accessToken;
      }
    } finally {
      this.unheard.delete(what);
    }
  }

  /** Takes an answer for a surprise unless its status is one of these. */
  expect(what: string, { status, body }: Answer, ...statuses: readonly number[]): void {
    // What is an error of the shop is a surprise already.
    if (status < 500 && !statuses.includes(status))
      this.surprises.push(`${what} was answered ${status}: ${JSON.stringify(body)}`);
  }

  private expectAnswer(what: string, answer: Answer): Answer {
    if (answer.status >= 500)
      this.surprises.push(`${what} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer;
  }

  private expectSame(what: string, first: Answer, second: Answer): void {
    const replayed = second.headers.get('idempotent-replayed') === 'true';
    // The status of an order goes on; everything else is answered to the letter.
    const same =
      first.status === 202
        ? revisionOf(second) === revisionOf(first) && second.body.orderId === first.body.orderId
        : second.headers.get('etag') === first.headers.get('etag');
    if (replayed && same && second.status === first.status) return;
    this.surprises.push(
      `${what} was answered ${first.status} at ${first.headers.get('etag')}, and when it was repeated ${second.status} at ` +
        `${second.headers.get('etag')}${replayed ? '' : ', not as a repeat'}: ${JSON.stringify(second.body)}`,
    );
  }
}

type Heard = Answer & { readonly unanswered: number };

interface Session {
  readonly account: { readonly accountId: string };
  readonly accessToken: string;
}

async function session(shop: Whereabouts, body: object, options: RequestOptions = {}): Promise<Session> {
  const answer = await untilAnswered(shop, 'POST', '/api/auth/login', { ...options, body });
  if (answer.status !== 200) throw new Error(`No log-in: ${JSON.stringify(answer.body)}`);
  return answer.body as Session;
}

/** Sends it until it is answered: neither a connection that breaks nor a 503 that says when to try again is an answer. */
async function untilAnswered(
  shop: Whereabouts,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Heard> {
  for (let unanswered = 0; ; unanswered++) {
    const request = requestsTo(await shop());
    const answer = await request(method, path, options).catch(unlessUndocumented);
    if (answer && !(answer.status === 503 && answer.headers.has('retry-after'))) return { ...answer, unanswered };
    await sleep(BETWEEN_TRIES_MS);
  }
}

/** What broke is no answer; what no answer may be is told. */
function unlessUndocumented(error: unknown): null {
  if (error instanceof UndocumentedAnswer) throw error;
  return null;
}

const revisionOf = ({ headers }: Answer): number | null => {
  const [, revision] = /^"(\d+)\./.exec(headers.get('etag') ?? '') ?? [];
  return revision === undefined ? null : Number(revision);
};

/**
 * Where the answers of clients and the log say different things; empty when each command that was said to be done is in the log
 * exactly once, at the revision that was answered, none that was refused is, and there is none that nobody sent. Claims, which
 * a command makes under ids of their own, are left out, and so is what was abandoned: it never came into being.
 */
export function contradictions(clients: readonly ShopClient[], log: readonly RecordedEvent[]): string[] {
  const found: string[] = [];
  const stored = new Map<string, RecordedEvent[]>();
  for (const event of log) {
    if (isSnapshotStream(event.stream) || event.stream.startsWith('claim-') || isMark(event.type)) continue;
    const commandId = event.metadata['commandId'] as string;
    stored.set(commandId, [...(stored.get(commandId) ?? []), event]);
  }
  for (const { what, commandId, status, revision } of clients.flatMap(({ answered }) => answered)) {
    const events = stored.get(commandId) ?? [];
    const said = `${what} (${commandId}) was answered ${status}`;
    if (status >= 300) {
      if (events.length > 0) found.push(`${said}, and is in the log`);
    } else if (events.length === 0) {
      found.push(`${said}, and is not in the log`);
    } else if (new Set(events.map(({ stream }) => stream)).size > 1) {
      found.push(`${said}, and is on several streams`);
    } else if (events.at(-1)!.revision !== revision) {
      found.push(`${said} at revision ${revision}, and is at revision ${events.at(-1)!.revision}`);
    }
  }
  const sent = new Set(clients.flatMap((client) => [...client.sent].flatMap((id) => [id, deriveId(id, 'link-guest')])));
  const senders = new Set(clients.map(({ principalId }) => principalId));
  for (const [commandId, [first]] of stored) {
    const { actor } = first!.metadata as { actor: { id: string } };
    if (senders.has(actor.id) && !sent.has(commandId))
      found.push(`${first!.type} at ${first!.stream} is of a command that nobody has sent: ${commandId}`);
  }
  return found;
}
