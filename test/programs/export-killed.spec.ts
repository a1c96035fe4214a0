import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { allFormats } from '#src/history/export/formats/all-formats';
import { isFinished } from '#src/history/export/export-folder';
import { startProgram } from '../support/programs';
import { Random } from '../support/random';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { writeSampleLog } from '../history/sample-log';

const TRIES = 6;

const dataDir = tempFolderOfThisFile();
const work = tempFolderOfThisFile();
const random = new Random(Date.now() % 1_000_000_000);

jest.setTimeout(120_000);

beforeAll(async () => {
  await writeSampleLog(dataDir, 6_000);
});

function start(folder: string, format: string) {
  return startProgram('exporting', [dataDir, join(work, folder), format]);
}

async function exported(folder: string, format: string): Promise<void> {
  const program = start(folder, format);
  expect([await program.ended(), program.errors]).toEqual([0, []]);
}

const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(work, folder)).map((name) => [name, readFileSync(join(work, folder, name), 'base64')]),
  );

const isWhole = (folder: string): Promise<boolean> => isFinished(join(work, folder));

describe('an export whose process is killed', () => {
  it.each(allFormats.map(({ name }) => name))('goes on, and comes to the same bytes, as %s', async (format) => {
    const killed = `killed-${format}`;
    let kills = 0;
    for (let tries = 0; tries < TRIES && !(await isWhole(killed)); tries++) {
      const program = start(killed, format);
      // Late in the last of them it may just have ended.
      await Promise.race([program.printed(1), program.ended()]);
      await sleep(random.between(0, 60));
      program.process.kill('SIGKILL');
      if ((await program.ended()) === 'SIGKILL') kills++;
    }
    expect(kills).toBeGreaterThan(0);
    if (!(await isWhole(killed))) await exported(killed, format);
    await exported(`whole-${format}`, format);
    expect(contents(killed)).toEqual(contents(`whole-${format}`));
  });
});
