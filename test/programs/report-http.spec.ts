import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReportFigures } from '#src/history/report/figures';
import { addToCart, checkOut, stocked, type Ware } from '../support/shopping';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { type AnalystShop, startAnalystShop } from '../history/analyst-shop';
import { history } from '../history/command-line';

const REPORT = '/api/history/report';
const JSON_WANTED = { accept: 'application/json' };

const folder = tempFolderOfThisFile();
const written = tempFolderOfThisFile();
let shop: AnalystShop;
let ware: Ware;
beforeAll(async () => {
  shop = await startAnalystShop(folder);
  ware = await stocked(shop, { name: 'Mug', amountMinor: 1_250, quantity: 2 });
  const { guest, customer } = shop.tokens;
  await addToCart(shop, guest, ware, 2);
  await checkOut(shop, guest);
  await addToCart(shop, customer, ware, 1);
}, 60_000);
afterAll(() => shop.process.kill());

jest.setTimeout(120_000);

const queryOf = (stretch: Readonly<Record<string, string>>) => new URLSearchParams(stretch).toString();

/** On a machine that has much to do, what was recorded last may have to be copied first. */
async function report(stretch: Readonly<Record<string, string>>, headers = {}): Promise<Response> {
  for (;;) {
    const answer = await shop.fetch(`${REPORT}?${queryOf(stretch)}`, { headers });
    if (answer.status !== 503) return answer;
  }
}

async function figures(stretch: Readonly<Record<string, string>> = {}): Promise<ReportFigures> {
  const answer = await report(stretch, JSON_WANTED);
  expect(answer.status).toBe(200);
  return (await answer.json()) as ReportFigures;
}

/** Some stretches that have an end: what is recorded meanwhile is not in them. */
async function stretches(): Promise<Record<'from' | 'to', string>[]> {
  const { asOf, begunAt } = await figures();
  const half = String(Math.floor(Number(asOf!.position.slice(0, 20)) / 2));
  return [
    { from: begunAt!, to: asOf!.position },
    { from: half, to: asOf!.recordedAt },
  ];
}

const asOptions = (stretch: Readonly<Record<string, string>>) =>
  Object.entries(stretch).flatMap(([name, text]) => [`--${name}`, text]);

describe('GET /api/history/report', () => {
  it('gives the page that the command line writes for the same instants, byte for byte', async () => {
    const file = join(written, 'report.html');
    const pages = new Set<string>();
    for (const stretch of await stretches()) {
      const page = Buffer.from(await (await report(stretch)).arrayBuffer());
      expect(await history(folder, ['report', '--out', file, ...asOptions(stretch)])).toMatchObject({ status: 0 });
      expect(page.toString()).toBe(readFileSync(file, 'utf8'));
      pages.add(page.toString());
    }
    expect(pages.size).toBe(2);
    expect([...pages][0]).toContain('€25.00');
  });

  it('gives the figures that the command line gives, to who wants JSON', async () => {
    for (const stretch of await stretches()) {
      const { status, out } = await history(folder, ['report', '--json', ...asOptions(stretch)]);
      expect([status, await figures(stretch)]).toEqual([0, JSON.parse(out)]);
    }
    expect(await figures()).toMatchObject({ sales: [{ currency: 'EUR', orders: 1, units: 2, amountMinor: 2_500 }] });
  });

  it('has everything in it that was recorded before it was asked for', async () => {
    for (let n = 0; n < 2; n++) {
      // Then the columnar copy counts as fresh.
      await shop.asAnalyst('POST', '/api/history/sql', { sql: 'SELECT 1' });
      const { headers } = await addToCart(shop, shop.tokens.customer, ware, 1);
      const token = JSON.parse(Buffer.from(headers.get('consistency-token')!, 'base64url').toString()) as object;
      const recorded = Object.values(token).slice(-2).join('/');
      const { position } = (await figures()).asOf!;
      expect([recorded, position].sort()).toEqual([recorded, position]);
    }
  });

  it('lets a browser show the page, load and run nothing, and keep nothing', async () => {
    const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.8,*/*;q=0.7';
    const { status, headers } = await report({}, { accept: browser });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'unsafe-inline'; (?!.*-src)/,
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect([headers.get('cache-control'), headers.get('vary')]).toEqual(['no-store', 'Accept']);
  });

  it('takes an offset whose plus sign is not escaped', async () => {
    const answer = await shop.fetch(`${REPORT}?from=2026-01-01T00:00:00+02:00`, { headers: JSON_WANTED });
    expect(await answer.json()).toMatchObject({ from: '2025-12-31T22:00:00.000Z' });
  });

  it.each([
    ['from', 'from=yesterday'],
    ['from', 'from='],
    ['from', 'from=revision:3'],
    ['from', 'from=99999999999'],
    ['from', `from=${'1'.repeat(101)}`],
    ['to', 'to=2026-02-30'],
    ['to', 'to=99999999999'],
    ['to', 'to=1&to=2'],
    ['until', 'until=now'],
  ])('refuses what is wrong with %s: %s', async (parameter, query) => {
    const answer = await shop.fetch(`${REPORT}?${query}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    const detail = expect.any(String) as string;
    expect(await answer.json()).toMatchObject({ code: 'validation-failed', errors: [{ parameter, detail }] });
  });

  it('makes one at a time, and says when to ask again', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => shop.fetch(REPORT)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 503, 503]);
    const busy = answers.find(({ status }) => status === 503)!;
    expect(busy.headers.get('retry-after')).toBe('5');
    expect(await busy.json()).toMatchObject({ code: 'report-busy' });
    expect((await shop.fetch(REPORT)).status).toBe(200);
  });
});
