import Database from 'libsql';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '../message-of';
import { isBusy } from '../sqlite/locks';

/** Another process writes to the folder. */
export class DataFolderLocked extends Error {
  constructor(folder: string) {
    super(`The data folder ${folder} is in use by another process; stop that one first, or choose another folder.`);
    this.name = 'DataFolderLocked';
  }
}

/** The folder can't be made, or not be read and written. */
export class DataFolderUnusable extends Error {
  constructor(folder: string, cause: unknown) {
    const code = (cause as NodeJS.ErrnoException).code ?? messageOf(cause);
    super(
      `DATA_DIR ${folder} can't be used as the data folder (${code}): this user must be able to make and to write it.`,
      {
        cause,
      },
    );
    this.name = 'DataFolderUnusable';
  }
}

/** Files are there that mean nothing without the events, and the events are gone. */
export class EventsMissing extends Error {
  constructor(folder: string, kept: string) {
    super(
      `The data folder ${folder} has ${kept}, but not events.db, the events of the shop: put that back from a backup, or choose another folder for a new shop.`,
    );
    this.name = 'EventsMissing';
  }
}

/** Rights of the group and of everybody. */
const OTHERS = 0o077;
/** Files that are made after events.db. */
const AFTER_EVENTS = ['keys.db', 'read-models.db'];
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
   * @throws DataFolderUnusable
   */
  static open(path: string): DataFolder {
    const folder = make(path);
    const lock = lockFile(folder);
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

  /** To be called before events.db is made. @throws EventsMissing */
  assertEventsOrNothing(): void {
    if (existsSync(this.path('events.db'))) return;
    const kept = AFTER_EVENTS.find((name) => existsSync(this.path(name)));
    if (kept !== undefined) throw new EventsMissing(this.folder, kept);
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

function lockFile(folder: string): Database.Database {
  try {
    return new Database(join(folder, LOCK_FILE), { timeout: 0 });
  } catch (error) {
    throw new DataFolderUnusable(folder, error);
  }
}

function make(path: string): string {
  const folder = resolve(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    close(folder);
  } catch (error) {
    throw new DataFolderUnusable(folder, error);
  }
  return folder;
}

/** Lets nobody else in, also where an earlier release has made it. Who only may use what another user owns has to leave it. */
function close(folder: string): void {
  for (const name of ['.', ...readdirSync(folder)]) {
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat || stat.isSymbolicLink() || stat.uid !== process.getuid?.() || (stat.mode & OTHERS) === 0) continue;
    try {
      chmodSync(path, stat.mode & ~OTHERS);
    } catch (error) {
      // A process that shares the folder has removed the file meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}
