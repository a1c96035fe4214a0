import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { exportLog } from '#src/history/export/export-log';
import { ndjson } from '#src/history/export/formats/ndjson';
import { parquet } from '#src/history/export/formats/parquet';
import { readManifest } from '#src/history/export/manifest';
import { EVERYTHING } from '#src/history/export/selection';
import { openHistory } from '#src/history/source';
import { openKeptReadModels } from '#src/history/verify/kept-read-models';
import { verifyFiles } from '#src/history/verify/verify-files';
import { verifyReadModels } from '#src/history/verify/verify-read-models';
import { verifyStore } from '#src/history/verify/verify-store';
import { tempFolder, tempFolderOfThisFile } from '../support/temp-folder';
import { writeSampleLog } from './sample-log';
import { A_FEW_VISITS, tradedFolder } from '../support/traded-folder';

const dataDir = tempFolderOfThisFile();
const work = tempFolderOfThisFile();
beforeAll(async () => {
  await writeSampleLog(dataDir, 300);
});

let exports = 0;

async function exported(format = ndjson): Promise<string> {
  const source = await openHistory({ dataDir, eventStoreUrl: null });
  const folder = join(work, String(exports++));
  try {
    const stretch = { after: null, upTo: await source.store.head() };
    await exportLog(source, { folder, format, selection: EVERYTHING, perDay: false, stretch });
  } finally {
    await source.close();
  }
  return folder;
}

const filesOf = async (folder: string) => verifyFiles(folder, await readManifest(folder));

async function storeOf(folder: string, compared = dataDir) {
  const source = await openHistory({ dataDir: compared, eventStoreUrl: null });
  try {
    return await verifyStore(source, folder, await readManifest(folder));
  } finally {
    await source.close();
  }
}

const linesOf = (folder: string) => readFileSync(join(folder, 'events.ndjson'), 'utf8').split('\n');
const rewrite = (folder: string, lines: readonly string[]) =>
  writeFileSync(join(folder, 'events.ndjson'), lines.join('\n'));

describe('an export that is as it was written', () => {
  it('agrees with itself and with its store', async () => {
    for (const format of [ndjson, parquet]) {
      const folder = await exported(format);
      expect(await filesOf(folder)).toEqual([]);
      expect(await storeOf(folder)).toEqual([]);
    }
  });
});

describe('a changed byte of an export', () => {
  it('is found without the store, and named by file, line and position', async () => {
    const folder = await exported();
    const lines = linesOf(folder);
    const { position } = JSON.parse(lines[122]!) as { position: string };
    lines[122] = lines[122]!.replace('"zeta"', '"zeto"');
    rewrite(folder, lines);
    const [found, ...others] = await filesOf(folder);
    expect(found).toMatchObject({ where: 'events.ndjson', line: 123, position });
    expect(others).toEqual([]);
  });

  it('is found in the position itself too: then the one before it says where', async () => {
    const folder = await exported();
    const lines = linesOf(folder);
    const { position } = JSON.parse(lines[49]!) as { position: string };
    lines[50] = lines[50]!.replace('"position":"0', '"position":"x');
    rewrite(folder, lines);
    expect(await filesOf(folder)).toMatchObject([{ line: 51, position: `after ${position}` }]);
  });

  it.each(['events.ndjson.lines', 'events.parquet'])('is found in %s', async (name) => {
    const folder = await exported(name.endsWith('parquet') ? parquet : ndjson);
    const bytes = readFileSync(join(folder, name));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(join(folder, name), bytes);
    expect(await filesOf(folder)).toMatchObject([{ where: name }]);
  });

  it('is found by comparing with the store, whatever the hashes say', async () => {
    const folder = await exported();
    const lines = linesOf(folder);
    const { position } = JSON.parse(lines[10]!) as { position: string };
    lines[10] = lines[10]!.replace('"zeta":', '"zeta":1');
    rewrite(folder, lines);
    expect(await storeOf(folder)).toMatchObject([{ where: 'events.ndjson', line: 11, position }]);
  });
});

describe('lines of an export', () => {
  it('that were removed or added are named at the first one', async () => {
    const folder = await exported();
    const lines = linesOf(folder);
    rewrite(folder, lines.toSpliced(70, 1));
    expect(await filesOf(folder)).toMatchObject([
      { line: 71, what: expect.stringContaining('300 lines instead of 301') },
    ]);
    expect((await storeOf(folder))[0]).toMatchObject({ line: 71 });
    rewrite(folder, lines.toSpliced(70, 0, lines[69]!));
    expect(await filesOf(folder)).toMatchObject([{ line: 71 }]);
    truncateSync(join(folder, 'events.ndjson'), 0);
    expect(await filesOf(folder)).toMatchObject([{ what: expect.stringContaining('0 lines instead of 301') }]);
    rmSync(join(folder, 'events.ndjson'));
    expect(await filesOf(folder)).toMatchObject([{ what: 'The file is missing.' }]);
  });
});

describe('a store', () => {
  it('is not the one of the export where it was changed', async () => {
    const folder = await exported();
    const columns = await exported(parquet);
    const other = tempFolder();
    cpSync(dataDir, other, { recursive: true });
    const database = new Database(join(other, 'events.db'));
    database.exec(`UPDATE events SET data = replace(data, '"zeta":7,', '"zeta":8,') WHERE data LIKE '%"zeta":7,%'`);
    database.close();
    expect(await storeOf(folder, other)).toMatchObject([{ where: 'events.ndjson', line: 8 }]);
    expect(await storeOf(columns, other)).toMatchObject([{ what: expect.stringContaining('another hash') }]);
    rmSync(other, { recursive: true });
  });
});

describe('the kept read models of a shop', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await tradedFolder(A_FEW_VISITS);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  async function readModelsOf(dataDir: string) {
    const source = await openHistory({ dataDir, eventStoreUrl: null });
    const kept = await openKeptReadModels({ dataDir, mongodbUrl: null });
    try {
      return await verifyReadModels(source, kept!.store, await source.store.head());
    } finally {
      await kept?.close();
      await source.close();
    }
  }

  const change = (sql: string) => {
    const changed = tempFolder();
    cpSync(folder, changed, { recursive: true });
    const database = new Database(join(changed, 'read-models.db'));
    const tables = database
      .prepare(`SELECT name FROM sqlite_master WHERE name LIKE 'documents_%' AND type = 'table'`)
      .all() as { name: string }[];
    for (const { name } of tables) database.exec(sql.replaceAll('TABLE', name));
    database.close();
    return changed;
  };

  it('are what the events make of them', async () => {
    expect(await readModelsOf(folder)).toEqual([]);
  });

  it('are found to be wrong where a document was changed, lost or made up', async () => {
    const altered = change(`UPDATE TABLE SET document = replace(document, '"confirmed"', '"cancelled"')`);
    expect(await readModelsOf(altered)).toEqual(
      expect.arrayContaining([expect.objectContaining({ where: 'read model order-history@2' })]),
    );
    const lost = change(`DELETE FROM TABLE WHERE document LIKE '%"onHand"%'`);
    expect(await readModelsOf(lost)).toEqual(
      expect.arrayContaining([expect.objectContaining({ what: expect.stringContaining('is missing') })]),
    );
    const madeUp = change(
      `INSERT INTO TABLE (slot, id, stamp, document)
       SELECT max(slot) + 1, 'nobody', max(stamp), max(document) FROM TABLE HAVING count(*) > 0`,
    );
    expect(await readModelsOf(madeUp)).toEqual(
      expect.arrayContaining([expect.objectContaining({ what: 'No event makes document nobody.' })]),
    );
    for (const each of [altered, lost, madeUp]) rmSync(each, { recursive: true });
  });
});
