import { rmSync } from 'node:fs';
import { FirstAdmin } from '#src/accounts/first-admin';
import { loadConfig } from '#src/config';
import type { Aggregate } from '#src/kernel/aggregate';
import type { DomainEvent } from '#src/kernel/events';
import { newId } from '#src/kernel/ids';
import { openServers, type Servers } from '#src/app/servers';
import { openShop, type Shop } from '#src/app/open-shop';
import { assertDocumented } from './documented-answers';
import { givenEvents } from './given-events';
import { tempFolder } from './temp-folder';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Of any shape: each test says what it expects of it. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export interface RequestOptions {
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RunningShop {
  readonly shop: Shop;
  readonly url: string;
  readonly folder: string;
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /**
   * These events have happened to `<aggregate>-<id>`, and every read model knows: `given(stock, variantId, received(5))`. Names in them are
   * not claimed, and processes react to them.
   */
  given<S, E extends DomainEvent>(
    aggregate: Aggregate<S, E>,
    id: string,
    ...events: readonly NoInfer<E>[]
  ): Promise<void>;
  /** The account of the seller whose token is among `tokens`. */
  readonly sellerId: string;
  readonly tokens: {
    readonly admin: string;
    readonly seller: string;
    customer(): Promise<string>;
    guest(): Promise<string>;
  };
  /** Stops the shop; the folder goes too unless it is kept. */
  stop(options?: { keepFolder?: boolean }): Promise<void>;
}

const PASSWORD = 'correct horse battery staple';

const FOR_TESTS = { PORT: '0', LOG_LEVEL: 'error', HISTORY_PRIORITY: 'normal', RATE_LIMITS: 'off' };

/**
 * The whole application, listening on a free port, on a folder of its own; embedded, unless `env` names servers. `standIns`: in the
 * place of some of them.
 */
export async function startShop(
  folder: string = tempFolder(),
  env: Readonly<Record<string, string>> = {},
  standIns: Partial<Servers> = {},
): Promise<RunningShop> {
  const config = loadConfig({ ...FOR_TESTS, DATA_DIR: folder, ...env }, ['--no-demo']);
  const shop = await openShop(config, { servers: { ...(await openServers(config)), ...standIns } });
  await shop.open();
  const url = await shop.app.getUrl();
  const request = requestsTo(url);
  const admin = shop.app.get(FirstAdmin, { strict: false });
  const { email, password } = ((await admin.ensure()) ?? (await admin.reset()))!;
  const logIn = async (body: { email: string; password: string }) =>
    (await request('POST', '/api/auth/login', { body })).body['accessToken'] as string;
  const register = async () => {
    const body = { email: `${newId()}@example.com`, password: PASSWORD };
    const registered = await request('POST', '/api/auth/register', { body });
    return {
      body,
      id: registered.body['account']?.['accountId'] as string,
      token: registered.body['accessToken'] as string,
    };
  };
  const adminToken = await logIn({ email, password });
  const seller = await register();
  await request('POST', `/api/admin/accounts/${seller.id}/roles`, { token: adminToken, body: { role: 'seller' } });
  const tokens = {
    admin: adminToken,
    seller: await logIn(seller.body),
    customer: async () => (await register()).token,
    guest: async () => (await request('POST', '/api/auth/guest')).body['accessToken'] as string,
  };
  const stop = async ({ keepFolder = false } = {}) => {
    await shop.stop();
    if (!keepFolder) rmSync(folder, { recursive: true, force: true });
  };
  const given: RunningShop['given'] = (aggregate, id, ...events) => givenEvents(shop, aggregate, id, events);
  return { shop, url, folder, request, given, sellerId: seller.id, tokens, stop };
}

/**
 * Sends JSON, and reads JSON.
 * @throws UndocumentedAnswer when the reference of the API does not say that it may be answered so
 */
export const requestsTo =
  (url: string): RunningShop['request'] =>
  async (method, path, { body, token, headers } = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const { status } = response;
    assertDocumented({ method, path, status, contentType: response.headers.get('content-type'), text });
    return {
      status,
      headers: response.headers,
      body: (text ? JSON.parse(text) : {}) as Answer['body'],
    };
  };
