import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { readManifest } from '#src/history/export/manifest';
import { DeployedShop } from '../support/deployed-shop';
import { startCompiled } from '../support/programs';
import { Random } from '../support/random';
import { addressOf, describeOn } from '../support/servers/real-servers';
import { untilLogIsAtRest } from '../support/shop-folder';
import { printedAdmin } from '../support/shop-process';
import { ShoppingLoad } from '../support/shopping-load';
import { tempFolderOfThisFile } from '../support/temp-folder';

jest.setTimeout(120_000);

const work = tempFolderOfThisFile();

const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'base64')]));

describeOn(['mongodb'], 'the history of a shop on EventStoreDB and MongoDB', () => {
  let shop: DeployedShop;
  let load: ShoppingLoad;

  beforeAll(async () => {
    const roles = { api: 1, projections: 1, processes: 1 };
    shop = await DeployedShop.start({ mongodb: addressOf('mongodb'), kafka: null, roles });
    const admin = await printedAdmin(await shop.process('api 1'));
    load = await ShoppingLoad.start(shop.url, admin, new Random(7), { shoppers: 3, stocks: [500, 20] });
    await load.hasAnswered(60);
  });
  afterAll(() => shop.remove());

  /** Runs `chronocart history <args>` on the servers, or on a data folder. */
  async function history(args: readonly string[], dataDir: string | null = null) {
    const servers = dataDir === null ? { EVENTSTORE_URL: shop.eventStore.url, MONGODB_URL: shop.mongodb } : NO_SERVERS;
    const env = { ...servers, DATA_DIR: dataDir ?? join(work, 'analyst') };
    const program = startCompiled(join('src', 'history', 'cli.js'), ['history', ...args], { env });
    const status = await program.ended();
    return { status, out: program.lines, err: program.errors };
  }

  it('agrees with its read models, also while it sells', async () => {
    const before = load.answered.length;
    const verified = await history(['verify']);
    expect(load.answered.length).toBeGreaterThan(before);
    expect(verified).toEqual({
      status: 0,
      out: [
        'Right: the processes have reacted to all that they have come past.',
        'Right: the kept read models are what the events make of them.',
      ],
      err: [],
    });
  });

  describe('at rest', () => {
    beforeAll(async () => {
      await load.finish();
      await untilLogIsAtRest(shop.readLog);
    });

    it('is exported, imported into a data folder and exported again: the same bytes', async () => {
      const [first, second, imported] = ['first', 'second', 'imported'].map((name) => join(work, name));
      expect(await history(['export', '--format', 'ndjson', '--out', first!])).toMatchObject({ status: 0, err: [] });
      expect(await history(['import', first!, '--data-dir', imported!])).toMatchObject({ status: 0 });
      const again = await history(['export', '--format', 'ndjson', '--out', second!], imported);
      expect(again).toMatchObject({ status: 0, err: [] });
      expect(contents(second!)).toEqual(contents(first!));
      expect((await history(['verify', first!])).out).toContain(
        'Right: the events of the export are those of the store.',
      );
    });

    it('is asked in SQL, whose copy has as many events as that export', async () => {
      const { events, asOf } = await readManifest(join(work, 'first'));
      const sql = `SELECT count(*) AS events FROM events WHERE position <= '${asOf!.position}'`;
      const { status, out, err } = await history(['sql', '--json', '--cache', join(work, 'copy'), sql]);
      expect([status, err]).toEqual([0, []]);
      expect(out.join('\n')).toContain(`{"events":${events}}`);
    });

    it('comes to what it came to, when its decisions are taken again', async () => {
      const unchanged = join(__dirname, '..', 'history', 'what-if', 'unchanged.mjs');
      const { status, out, err } = await history(['what-if', '--json', '--with', unchanged]);
      expect([status, err]).toEqual([0, []]);
      const { findings, summary } = JSON.parse(out.join('\n')) as { findings: object[]; summary: Summary };
      expect(findings).toEqual([]);
      expect(summary.decisions.length).toBeGreaterThan(10);
      expect(summary.decisions.reduce((sum, { judged }) => sum + judged, 0)).toBeGreaterThan(100);
    });

    it('is printed as a report', async () => {
      const file = join(work, 'report.html');
      const { status, err } = await history(['report', '--cache', join(work, 'copy'), '--out', file]);
      expect([status, err]).toEqual([0, []]);
      expect(readFileSync(file, 'utf8')).toContain('<svg');
    });

    it('does not agree with a read model that somebody has changed', async () => {
      const client = await MongoClient.connect(shop.mongodb);
      await client
        .db()
        .collection('order-history@2')
        .updateMany({}, { $set: { status: 'forged' } });
      await client.close();
      const { status, out } = await history(['verify']);
      expect(status).toBe(1);
      expect(out[0]).toMatch(/^read model order-history@2.* is not what the events make of it\.$/);
    });
  });
});

interface Summary {
  readonly decisions: readonly { readonly judged: number }[];
}

const NO_SERVERS = { EVENTSTORE_URL: '', MONGODB_URL: '' };
