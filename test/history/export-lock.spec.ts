import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportLog } from '#src/history/export/export-log';
import { ndjson } from '#src/history/export/formats/ndjson';
import { EVERYTHING } from '#src/history/export/selection';
import { openHistory } from '#src/history/source';
import type { ReadAllOptions } from '#src/kernel/event-store/event-store';
import { FaultyStore } from '../support/faulty-store';
import { startCompiled } from '../support/programs';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { writeSampleLog } from './sample-log';

const PROGRAM = join('src', 'history', 'cli.js');

const dataDir = tempFolderOfThisFile();
const work = tempFolderOfThisFile();
beforeAll(() => writeSampleLog(dataDir, 300));

/** `chronocart history export` in a process of its own. */
async function run(folder: string): Promise<{ status: unknown; err: readonly string[] }> {
  const args = ['history', 'export', '--format', 'ndjson', '--out', folder, '--data-dir', dataDir];
  const program = startCompiled(PROGRAM, args, { env: { EVENTSTORE_URL: '', LOG_LEVEL: '' } });
  return { status: await program.ended(), err: program.errors };
}

const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));

/** An export that is in the middle of it until it is let go. */
async function heldExport(folder: string, signal?: AbortSignal) {
  let letGo!: () => void;
  let arrived!: () => void;
  const held = new Promise<void>((done) => (letGo = done));
  const isAtWork = new Promise<void>((done) => (arrived = done));
  class HeldStore extends FaultyStore {
    override async readAll(options: ReadAllOptions) {
      arrived();
      await held;
      return super.readAll(options);
    }
  }
  const source = await openHistory({ dataDir, eventStoreUrl: null });
  const stretch = { after: null, upTo: await source.store.head() };
  const request = { folder, format: ndjson, selection: EVERYTHING, perDay: false, stretch, ...(signal && { signal }) };
  const done = exportLog({ ...source, store: new HeldStore(source.store) }, request).finally(() => source.close());
  await isAtWork;
  return { letGo, done };
}

describe('a second export into a folder', () => {
  it('is refused in one sentence while the first is at work, and harms nothing', async () => {
    const [folder, alone] = [join(work, 'together'), join(work, 'alone')];
    const first = await heldExport(folder);
    const { status, err } = await run(folder);
    expect(status).toBe(1);
    expect(err).toEqual([
      `Another export is writing into ${folder}; wait until it has ended, or choose another folder.`,
    ]);
    first.letGo();
    await first.done;
    expect(await run(alone)).toEqual({ status: 0, err: [] });
    expect(contents(folder)).toEqual(contents(alone));
  });

  it('goes on where the first was cut short, as soon as that has ended', async () => {
    const [folder, alone] = [join(work, 'after'), join(work, 'at-once')];
    const cut = new AbortController();
    const first = await heldExport(folder, cut.signal);
    cut.abort();
    first.letGo();
    await expect(first.done).rejects.toThrow();
    expect(await run(folder)).toEqual({ status: 0, err: [] });
    expect(await run(alone)).toMatchObject({ status: 0 });
    expect(contents(folder)).toEqual(contents(alone));
  });

  it('is refused when the first has ended', async () => {
    const folder = join(work, 'twice');
    expect(await run(folder)).toMatchObject({ status: 0 });
    const { status, err } = await run(folder);
    expect([status, err]).toEqual([1, [expect.stringContaining('holds a finished export already')]]);
  });

  it('leaves a folder alone that holds something else', async () => {
    expect(await run(dataDir)).toMatchObject({ status: 1, err: [expect.stringContaining('is not empty')] });
    expect(readdirSync(dataDir)).not.toContain('lock');
  });
});
