import { newId } from '#src/kernel/ids';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { type AnalystShop, startAnalystShop, type Tokens } from './analyst-shop';

const folder = tempFolderOfThisFile();
let shop: AnalystShop;
let stream: string;
let graph: string;
beforeAll(async () => {
  shop = await startAnalystShop(folder);
  const { columns, rows } = await untilCopied();
  const at = (name: string) => rows[0]![columns.findIndex((column) => column.name === name)]!;
  stream = at('stream');
  graph = at('correlation_id');
}, 60_000);
afterAll(() => shop.process.kill());

interface Answered {
  readonly columns: readonly { readonly name: string }[];
  readonly rows: readonly string[][];
}

/** The columnar copy may have to be made first. */
async function untilCopied(): Promise<Answered> {
  for (;;) {
    const { status, body } = await shop.asAnalyst('POST', '/api/history/sql', {
      sql: `SELECT stream, correlation_id FROM account_registered LIMIT 1`,
    });
    if (status === 200) return body as Answered;
    if (status !== 503) throw new Error(JSON.stringify(body));
  }
}

type Role = keyof Tokens | 'nobody';

const ROLES: readonly Role[] = ['admin', 'analyst', 'courier', 'customer', 'guest', 'nobody', 'seller', 'support'];

interface Route {
  readonly method: string;
  readonly path: () => string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What those are answered who may ask. */
  readonly status: number;
  readonly may: readonly Role[];
}

const unknown = newId();
const ROUTES: readonly Route[] = [
  { method: 'GET', path: () => `streams/${stream}`, status: 200, may: ['admin', 'analyst'] },
  { method: 'GET', path: () => `streams/${stream}/steps`, status: 200, may: ['admin', 'analyst'] },
  {
    method: 'GET',
    path: () => `streams/${stream}/differences?from=revision:0&to=now`,
    status: 200,
    may: ['admin', 'analyst'],
  },
  { method: 'GET', path: () => `graph/${graph}`, status: 200, may: ['admin', 'analyst'] },
  { method: 'POST', path: () => 'sql', body: { sql: 'SELECT 1' }, status: 200, may: ['analyst'] },
  { method: 'GET', path: () => 'report', headers: { accept: 'application/json' }, status: 200, may: ['analyst'] },
  { method: 'POST', path: () => 'exports', body: { format: 'csv' }, status: 202, may: ['analyst'] },
  { method: 'GET', path: () => 'exports', status: 200, may: ['analyst'] },
  { method: 'GET', path: () => `exports/${unknown}`, status: 404, may: ['analyst'] },
  { method: 'DELETE', path: () => `exports/${unknown}`, status: 404, may: ['analyst'] },
  { method: 'GET', path: () => `exports/${unknown}/files/manifest.json`, status: 404, may: ['analyst'] },
];

describe('the routes of the history', () => {
  it('are all in the table of this test', async () => {
    const { body } = await shop.request('GET', '/docs-json');
    const documented = Object.entries(body.paths as Record<string, object>).flatMap(([path, item]) =>
      path.startsWith('/api/history/') ? Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`) : [],
    );
    const pattern = (route: Route) =>
      `${route.method} /api/history/${route.path()}`
        .replace(/\?.*/, '')
        .replace(stream, '{stream}')
        .replace(graph, '{correlationId}')
        .replace(unknown, '{jobId}')
        .replace('manifest.json', '{name}');
    expect(ROUTES.map(pattern).sort()).toEqual(documented.sort());
  });

  it.each(ROUTES.map((route) => [route.method, String(route.path).replace(/^\(\)\s*=>\s*/, ''), route] as const))(
    'are for those alone who may ask: %s %s',
    async (method, _, { path, body, headers = {}, status, may }) => {
      const options = body === undefined ? { headers } : { body, headers };
      const answered: Record<string, number> = {};
      const expected: Record<string, number> = {};
      for (const role of ROLES) {
        const token = role === 'nobody' ? {} : { token: shop.tokens[role] };
        answered[role] = (await shop.request(method, `/api/history/${path()}`, { ...options, ...token })).status;
        expected[role] = may.includes(role) ? status : role === 'nobody' ? 401 : 403;
      }
      expect(answered).toEqual(expected);
    },
  );
});
