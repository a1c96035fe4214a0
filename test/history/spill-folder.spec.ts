import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpillFolder } from '#src/history/columnar/spill-folder';
import { tempFolderOfThisFile } from '../support/temp-folder';

const copy = tempFolderOfThisFile();

describe('a folder that DuckDB may spill to', () => {
  it('is given to one at a time', () => {
    const [first, second, third] = [1, 2, 3].map(() => SpillFolder.open(copy)) as [
      SpillFolder,
      SpillFolder,
      SpillFolder,
    ];
    expect(new Set([first.path, second.path, third.path]).size).toBe(3);
    second.close();
    const next = SpillFolder.open(copy);
    expect(next.path).toBe(second.path);
    for (const spill of [first, next, third]) spill.close();
  });

  it('has nothing in it of who had it before, also if that was killed', () => {
    const file = (spill: SpillFolder) => join(spill.path, 'duckdb_temp_storage_S32K-0.tmp');
    const first = SpillFolder.open(copy);
    writeFileSync(file(first), 'left');
    first.close();
    expect(existsSync(file(first))).toBe(false);
    writeFileSync(file(first), 'left by one who was killed');
    const second = SpillFolder.open(copy);
    expect([second.path, existsSync(file(second))]).toEqual([first.path, false]);
    second.close();
  });
});
