import { newId } from '#src/kernel/ids';
import { type Answer, requestsTo, type RunningShop } from '../support/shop-app';
import { listening, printedAdmin, type ShopProcess, startMain } from '../support/shop-process';

/** A shop in a process of its own, so that it starts the programs beside it as it does for its owners. */
export interface AnalystShop {
  readonly process: ShopProcess;
  readonly request: RunningShop['request'];
  /** The same with the token of an analyst. */
  asAnalyst(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** The answer itself, to an analyst, for what is not JSON. */
  fetch(path: string, options?: RequestInit): Promise<Response>;
  readonly tokens: Tokens;
}

/** Of an account with each role. */
export type Tokens = Readonly<
  Record<'admin' | 'analyst' | 'courier' | 'customer' | 'guest' | 'seller' | 'support', string>
>;

const PASSWORD = 'correct horse battery staple';

/** The accounts are made on the first start; give their tokens to those that follow on the same folder. */
export async function startAnalystShop(
  folder: string,
  { env = {}, tokens: known }: { env?: Readonly<Record<string, string>>; tokens?: Tokens } = {},
): Promise<AnalystShop> {
  const process = await listening(startMain(folder, env), /API +(http:\S+)\/api/);
  const request = requestsTo(process.url);
  const tokens = known ?? (await makeTokens(request, await printedAdmin(process)));
  const asAnalyst: AnalystShop['asAnalyst'] = (method, path, body, headers) =>
    request(method, path, {
      token: tokens.analyst,
      ...(body === undefined ? {} : { body }),
      ...(headers && { headers }),
    });
  const fetched: AnalystShop['fetch'] = (path, { headers, ...options } = {}) =>
    fetch(process.url + path, { ...options, headers: { authorization: `Bearer ${tokens.analyst}`, ...headers } });
  return { process, request, asAnalyst, fetch: fetched, tokens };
}

export async function makeTokens(
  request: RunningShop['request'],
  credentials: { readonly email: string; readonly password: string },
): Promise<Tokens> {
  const logIn = async (body: object) =>
    (await request('POST', '/api/auth/login', { body })).body['accessToken'] as string;
  const admin = await logIn(credentials);
  const account = async (role: string | null) => {
    const body = { email: `${newId()}@example.com`, password: PASSWORD };
    const { accountId } = (await request('POST', '/api/auth/register', { body })).body.account;
    if (role) await request('POST', `/api/admin/accounts/${accountId}/roles`, { token: admin, body: { role } });
    return logIn(body);
  };
  return {
    admin,
    analyst: await account('analyst'),
    courier: await account('courier'),
    customer: await account(null),
    guest: (await request('POST', '/api/auth/guest')).body.accessToken as string,
    seller: await account('seller'),
    support: await account('support'),
  };
}

/** Asks until a job has come to one of these states. @throws Error with the job when it takes too long */
export async function untilState(
  shop: Pick<AnalystShop, 'asAnalyst'>,
  jobId: string,
  ...states: readonly string[]
): Promise<Answer['body']> {
  const until = performance.now() + 60_000;
  for (;;) {
    const { body } = await shop.asAnalyst('GET', `/api/history/exports/${jobId}`);
    if (states.includes(body.state)) return body;
    if (performance.now() > until)
      throw new Error(`The job has not come to ${states.join(' or ')}: ${JSON.stringify(body)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
