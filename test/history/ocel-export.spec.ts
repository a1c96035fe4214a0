import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ocel2, ocel2Sqlite } from '#src/history/export/formats/ocel2';
import { readManifest } from '#src/history/export/manifest';
import { EVERYTHING } from '#src/history/export/selection';
import { verifyFiles } from '#src/history/verify/verify-files';
import type { RecordedEvent } from '#src/kernel/events';
import { stampOf } from '#src/kernel/position';
import { readLog } from '../support/shop-folder';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { history } from './command-line';
import { exported, FORMATS, pathIn, read, rowsIn, valuesIn } from './ocel-file';
import { A_FEW_VISITS, tradedFolder } from '../support/traded-folder';

const work = tempFolderOfThisFile();
let dataDir: string;
beforeAll(async () => {
  dataDir = await tradedFolder(A_FEW_VISITS);
}, 90_000);
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

let exports = 0;
const newFolder = () => join(work, `export-${exports++}`);

describe.each(FORMATS)('an export as $name', (format) => {
  const contents = (folder: string) =>
    Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));

  it('is the same, byte for byte, every time', async () => {
    const first = contents(await exported(dataDir, { folder: newFolder(), format }));
    expect(Object.keys(first).sort()).toEqual([`events.${format.extension}`, 'manifest.json']);
    expect(contents(await exported(dataDir, { folder: newFolder(), format }))).toEqual(first);
  });

  it('comes to the same bytes from wherever it was cut short', async () => {
    const folder = newFolder();
    const copies: string[] = [];
    const onProgress = () => {
      copies.push(newFolder());
      if (existsSync(folder)) cpSync(folder, copies.at(-1)!, { recursive: true });
    };
    const cut = { ...format, finish: () => Promise.reject(new Error('no room')) };
    await expect(exported(dataDir, { folder, format: cut, onProgress, notedEvery: 50 })).rejects.toThrow('no room');
    // What a kill in the middle of the making would leave.
    writeFileSync(`${pathIn(folder, format)}.scratch`, 'half');
    writeFileSync(`${pathIn(folder, format)}.unfinished`, 'half');
    const first = contents(await exported(dataDir, { folder: newFolder(), format }));
    for (const copy of [folder, ...copies.filter((each) => existsSync(join(each, 'export-progress.json')))])
      expect(contents(await exported(dataDir, { folder: copy, format }))).toEqual(first);
  });

  it('is found to be changed where a byte is', async () => {
    const folder = await exported(dataDir, { folder: newFolder(), format });
    const path = pathIn(folder, format);
    expect(await verifyFiles(folder, await readManifest(folder))).toEqual([]);
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
    expect(await verifyFiles(folder, await readManifest(folder))).toMatchObject([
      { where: `events.${format.extension}` },
    ]);
  });

  it('is one file: it is not made per day', async () => {
    const args = ['export', '--format', format.name, '--out', newFolder(), '--per-day'];
    expect(await history(dataDir, args)).toMatchObject({ status: 2, err: expect.stringContaining('is one file') });
  });
});

describe('an export of a part of the log', () => {
  it('knows the generation of a cart from the checkout that comes later', async () => {
    const log: readonly RecordedEvent[] = await readLog(dataDir);
    const { position, stream } = log.find(({ type }) => type === 'CartCheckedOut')!;
    const before = log.findLast((event) => event.stream === stream && event.position.commit < position.commit)!;
    const selection = { ...EVERYTHING, from: stampOf(before.position) };
    const part = read(await exported(dataDir, { folder: newFolder(), format: ocel2, selection }));
    expect(part.events[0]!.id).toBe(before.id);
    expect(part.events[0]!.relationships).toContainEqual(expect.objectContaining({ objectId: `${stream}/1` }));
  });

  it('does not say how many units there are where it cannot know', async () => {
    const part = read(
      await exported(dataDir, {
        folder: newFolder(),
        format: ocel2,
        selection: { ...EVERYTHING, types: ['StockReserved'] },
      }),
    );
    const variants = part.objects.filter(({ type }) => type === 'variant');
    expect(variants.length).toBeGreaterThan(0);
    for (const { id } of variants) expect(valuesIn(part, id, 'available')).toEqual([]);
  });

  it('is an empty log where nothing of the trade was selected', async () => {
    const selection = { ...EVERYTHING, types: ['RoleGranted'] };
    expect(read(await exported(dataDir, { folder: newFolder(), format: ocel2, selection }))).toMatchObject({
      objects: [],
      events: [],
    });
    expect(
      rowsIn(await exported(dataDir, { folder: newFolder(), format: ocel2Sqlite, selection }), 'SELECT * FROM event'),
    ).toEqual([]);
  });
});
