import { rmSync } from 'node:fs';
import type { Reacted } from '#src/kernel/processes/process.events';
import { folderWithLostReactions, LOST } from '../support/lost-reactions';
import { until } from '../support/meters';
import { startShop, type RunningShop } from '../support/shop-app';
import { expectSound, readLog, untilAtRest } from '../support/shop-folder';
import { history } from '../history/command-line';

interface Lost {
  readonly instance: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
}

let folder: string;
let shop: RunningShop;
beforeAll(async () => {
  folder = await folderWithLostReactions();
  shop = await startShop(folder);
});
afterAll(async () => {
  await shop.stop({ keepFolder: true });
  rmSync(folder, { recursive: true, force: true });
});

const verify = async () => {
  const { status, out } = await history(folder, ['verify', '--json']);
  return { status, ...(JSON.parse(out) as { findings: { where: string; what: string }[]; lost: Lost[] }) };
};
const references = (lost: readonly Lost[]) =>
  lost.map(({ instance, stream, revision }) => ({ instance, stream, revision }));
const repair = (lost: readonly Lost[], dryRun: boolean) =>
  shop.request('POST', '/api/admin/processes/repair', {
    token: shop.tokens.admin,
    body: { lost: references(lost), dryRun },
  });
const each = (lost: readonly Lost[], outcome: string) => references(lost).map((one) => ({ ...one, outcome }));
const orders = async () =>
  Promise.all(
    LOST.map(async ({ orderId }) => {
      const { body } = await shop.request('GET', `/api/orders/${orderId}`, { token: shop.tokens.admin });
      return [body.status, body.payment];
    }),
  );

it('what a store of the first release has lost is named by history verify, and made good by an operator while the shop runs', async () => {
  expect(await orders()).toEqual([
    ['cancelling', 'captured'],
    ['cancelling', 'unknown'],
    ['cancelling', 'captured'],
  ]);

  const { status, findings, lost } = await verify();
  expect(status).toBe(1);
  expect(lost.map(({ instance, type }) => ({ orderId: instance.slice('checkout-'.length), type }))).toEqual(LOST);
  expect(findings.map(({ where, what }) => `${where}: ${what}`)).toEqual(
    lost.map(
      ({ instance, stream, revision, type }) =>
        `process ${instance}: It has never reacted to ${type}, revision ${revision} of ${stream}.`,
    ),
  );

  const length = (await readLog(folder)).length;
  expect(await repair(lost, true)).toMatchObject({ status: 200, body: { dryRun: true, items: each(lost, 'lost') } });
  expect(await readLog(folder)).toHaveLength(length);

  expect(await repair(lost, false)).toMatchObject({ status: 200, body: { items: each(lost, 'made-up') } });
  expect(await repair(lost, false)).toMatchObject({ status: 200, body: { items: each(lost, 'not-lost') } });
  await untilAtRest(folder);
  const right = LOST.map(() => ['cancelled', 'refunded']);
  await until(async () => JSON.stringify(await orders()) === JSON.stringify(right));
  expect(await verify()).toMatchObject({ status: 0, findings: [], lost: [] });

  // The history tells why, as of any reaction.
  const [first] = lost;
  const { out } = await history(folder, ['show', first!.instance, '--steps', '--json']);
  const { steps } = JSON.parse(out) as { steps: { cause: { event: { stream: string; type: string } | null } }[] };
  expect(steps.map(({ cause }) => cause.event?.type)).toContain('PaymentCaptured');

  // Nor does the next start, which reads everything again, do anything twice.
  const repaired = (await readLog(folder)).length;
  await shop.stop({ keepFolder: true });
  await expectSound(folder);
  for (const kept of ['read-models.db', 'read-models.db-wal', 'read-models.db-shm'])
    rmSync(`${folder}/${kept}`, { force: true });
  shop = await startShop(folder);
  await until(
    async () => (await shop.request('GET', '/api/admin/processes', { token: shop.tokens.admin })).body.caughtUp,
  );
  const since = (await readLog(folder)).slice(repaired).filter(({ stream }) => stream.startsWith('checkout-'));
  // A look-up of a payment that is settled by now may still come due.
  const reactions = since.map(({ data }) => data as unknown as Reacted);
  expect(reactions.filter(({ source, commands }) => source.kind !== 'timeout' || commands.length > 0)).toEqual([]);
});

it('who may not operate the shop repairs nothing, and what is no event is refused', async () => {
  const body = { lost: [{ instance: 'checkout-1', stream: 'payment-1', revision: 0 }], dryRun: true };
  const asked = (token: string, body: object) => shop.request('POST', '/api/admin/processes/repair', { token, body });
  expect((await asked(shop.tokens.seller, body)).status).toBe(403);
  expect((await asked(shop.tokens.admin, body)).body.items).toEqual([{ ...body.lost[0], outcome: 'unknown' }]);
  expect((await asked(shop.tokens.admin, { lost: body.lost })).body.errors[0].pointer).toBe('/dryRun');
  expect((await asked(shop.tokens.admin, { lost: [], dryRun: true })).body.errors[0].pointer).toBe('/lost');
});
