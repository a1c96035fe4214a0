import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolder, DataFolderLocked } from '#src/kernel/event-store/data-folder';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { startProgram } from '../support/programs';

describe('The data folder', () => {
  let parent: string;
  let folder: string;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'data-folder-'));
    folder = join(parent, 'shop', 'data');
  });

  afterEach(() => rmSync(parent, { recursive: true }));

  it('is made for its owner alone', () => {
    const data = DataFolder.open(folder);

    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(data.path('events.db')).toBe(join(folder, 'events.db'));
    data.close();
  });

  it('has one writer: another process is told which folder is in use', async () => {
    const data = DataFolder.open(folder);
    const refused = startProgram('hold-data-folder', [folder]);
    await refused.ended();

    expect(refused.lines).toEqual([
      `DataFolderLocked: The data folder ${folder} is in use by another process; stop that one first, or choose another folder.`,
    ]);
    data.close();
  });

  it('has one writer within a process, and another one after that has closed it', () => {
    const first = DataFolder.open(folder);
    expect(() => DataFolder.open(folder)).toThrow(DataFolderLocked);
    first.close();
    first.close();

    const second = DataFolder.open(folder);
    expect(() => DataFolder.open(folder)).toThrow(DataFolderLocked);
    second.close();
  });

  it('is free again when its writer was killed', async () => {
    const writer = startProgram('hold-data-folder', [folder]);
    await writer.printed(1);
    expect(writer.lines).toEqual(['locked']);
    expect(() => DataFolder.open(folder)).toThrow(DataFolderLocked);
    writer.process.kill('SIGKILL');
    await writer.ended();

    DataFolder.open(folder).close();
  });

  it('lets others read its event store meanwhile', async () => {
    const data = DataFolder.open(folder);
    const file = data.path('events.db');
    const store = await SqliteEventStore.open({ file });
    const reader = await SqliteEventStore.open({ file, readOnly: true });

    expect(await reader.readAll({ limit: 10 })).toEqual([]);
    await reader.close();
    await store.close();
    data.close();
  });
});
