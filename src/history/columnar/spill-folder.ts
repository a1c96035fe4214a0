import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolder } from '../../kernel/event-store/data-folder';

/** In the folder of a columnar copy: a folder in it for each who works at the same time. */
const SPILLED = 'spilled';
/** What the names of all files of DuckDB's begin with. */
const PREFIX = 'duckdb_temp_';

/**
 * A folder that DuckDB may write to when it needs more memory than it may have. It gives its files the same names in every process, and
 * two processes that share a folder crash: so each has its own, for as long as it lives.
 */
export class SpillFolder {
  private constructor(private readonly lock: DataFolder) {
    this.empty();
  }

  /** One that nobody uses, for who works on the copy in this folder. */
  static open(copyFolder: string): SpillFolder {
    for (let n = 1; ; n++) {
      const lock = DataFolder.openUnlessLocked(join(copyFolder, SPILLED, String(n)));
      if (lock) return new SpillFolder(lock);
    }
  }

  get path(): string {
    return this.lock.folder;
  }

  /** Close the database first. */
  close(): void {
    this.empty();
    this.lock.close();
  }

  /** Who was killed has left its files. */
  private empty(): void {
    for (const name of readdirSync(this.path)) if (name.startsWith(PREFIX)) rmSync(join(this.path, name));
  }
}
