import Database from 'libsql';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isBusy } from '../sqlite/locks';

/** Another process writes to the folder. */
export class DataFolderLocked extends Error {
  constructor(folder: string) {
    super(`The data folder ${folder} is in use by another process; stop that one first, or choose another folder.`);
    this.name = 'DataFolderLocked';
  }
}

const LOCK_FILE = 'writer.lock';

/** The driver lets go of a connection that nobody refers to, and with it of the lock. */
const held = new Set<DataFolder>();

/**
 * The folder that everything embedded is kept in. It has one writer: the lock is an exclusive transaction on a small SQLite
 * file, which the operating system ends with the process, however that ends. Who only reads opens its files without it.
 */
export class DataFolder {
  private constructor(
    readonly folder: string,
    /** null: others may write to it too. */
    private readonly lock: Database.Database | null,
  ) {
    held.add(this);
  }

  /**
   * Makes the folder, readable for its owner alone, and locks it.
   * @throws DataFolderLocked when another process (or another part of this one) has it open
   */
  static open(path: string): DataFolder {
    const folder = make(path);
    const lock = new Database(join(folder, LOCK_FILE), { timeout: 0 });
    try {
      lock.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      lock.close();
      throw isBusy(error) ? new DataFolderLocked(folder) : error;
    }
    return new DataFolder(folder, lock);
  }

  /** The same; null: another process (or another part of this one) has it open. */
  static openUnlessLocked(path: string): DataFolder | null {
    try {
      return DataFolder.open(path);
    } catch (error) {
      if (error instanceof DataFolderLocked) return null;
      throw error;
    }
  }

  /** Makes the folder and does not lock it: for files that several processes share. */
  static share(path: string): DataFolder {
    return new DataFolder(make(path), null);
  }

  /** Path of a file in the folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** Lets another process in. Close what is kept in the folder first. */
  close(): void {
    if (!held.delete(this) || !this.lock) return;
    this.lock.exec('ROLLBACK');
    this.lock.close();
  }
}

function make(path: string): string {
  const folder = resolve(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
