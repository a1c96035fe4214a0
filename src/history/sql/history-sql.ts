import { availableParallelism } from 'node:os';
import { refreshCopy } from '../columnar/columnar-copy';
import { type CopyManifest, filesOf } from '../columnar/copy-manifest';
import { SpillFolder } from '../columnar/spill-folder';
import type { Place } from '../export/manifest';
import type { HistorySource } from '../source';
import type { LogInstant } from './event-views';
import { SqlDatabase } from './sql-database';

export interface HistorySqlOptions {
  /** Where the columnar copy is kept. */
  readonly folder: string;
  readonly onProgress?: (events: number) => void;
  /** Everything is as of then; default: now. */
  readonly upTo?: LogInstant;
}

/** The history as of now, to ask in SQL. */
export interface HistorySql {
  readonly database: SqlDatabase;
  readonly copy: CopyManifest;
  close(): void;
}

/** With the copy's own memory it stays under 1 GB; what needs more goes through the disk. */
const MEMORY_MB = 600;

/** Brings the columnar copy up to date and opens it, for a person who may use the whole machine. */
export async function openHistorySql(
  source: HistorySource,
  { folder, onProgress, upTo }: HistorySqlOptions,
): Promise<HistorySql> {
  const copy = await refreshCopy(source, folder, onProgress ? { onProgress } : {});
  const spill = SpillFolder.open(folder);
  try {
    const database = await SqlDatabase.open({
      files: filesOf(folder, copy),
      registry: source.registry,
      memoryLimitMb: MEMORY_MB,
      threads: availableParallelism(),
      temporaryFolder: spill.path,
      ...(upTo && { upTo }),
    });
    const close = () => {
      database.close();
      spill.close();
    };
    return { database, copy, close };
  } catch (error) {
    spill.close();
    throw error;
  }
}

/** `as of 00…42/00…42 (2026-01-31T12:00:00.000Z)`. */
export const asOfText = ({ asOf }: { readonly asOf: Place | null }): string =>
  asOf === null ? 'as of the beginning' : `as of ${asOf.position} (${asOf.recordedAt})`;
