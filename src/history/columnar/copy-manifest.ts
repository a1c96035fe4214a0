import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventRegistry } from '../../kernel/event-definitions';
import { hash } from 'node:crypto';
import { replaceFile } from '../export/export-progress';
import type { Place } from '../export/manifest';

/** Raised when the columns, or what is in them, change: a copy of another version is made anew. */
const COPY_VERSION = 1;

const MANIFEST = 'manifest.json';

export interface CopiedFile {
  readonly name: string;
  readonly events: number;
}

/** The event that the copy ends with. */
export interface CopiedPlace extends Place {
  readonly eventId: string;
}

/** What the columnar copy of a log holds. */
export interface CopyManifest {
  readonly version: number;
  /** Of the event types that were known: when they change, so may what is in the copy. */
  readonly schema: string;
  readonly storeId: string;
  readonly asOf: CopiedPlace | null;
  readonly events: number;
  /** In the order of the log. */
  readonly files: readonly CopiedFile[];
  /** Grows whenever the copy changes; names of files carry it, so that none is used twice. */
  readonly generation: number;
  /** Files that others may still read, and since when they are not needed (ISO 8601, UTC). */
  readonly retired: readonly { readonly name: string; readonly since: string }[];
}

export const emptyCopy = (storeId: string, registry: EventRegistry): CopyManifest => ({
  version: COPY_VERSION,
  schema: schemaOf(registry),
  storeId,
  asOf: null,
  events: 0,
  files: [],
  generation: 0,
  retired: [],
});

/** Of all types and their versions. */
function schemaOf(registry: EventRegistry): string {
  const versions = [...registry.all].map(([type, { definition }]) => `${type}@${definition.version}`);
  return hash('sha256', versions.sort().join('\n'), 'hex').slice(0, 16);
}

/** null: there is no copy, or none that this release could go on with. */
export async function readCopy(folder: string): Promise<CopyManifest | null> {
  try {
    return JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as CopyManifest;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export const writeCopy = (folder: string, manifest: CopyManifest): Promise<void> =>
  replaceFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);

/** Whether `copy` is of the same store, the same columns and the same types as `empty`, a copy that would be begun now. */
export const isSameKind = (copy: CopyManifest, empty: CopyManifest): boolean =>
  copy.version === empty.version && copy.schema === empty.schema && copy.storeId === empty.storeId;

/** Paths of the files of the copy. */
export const filesOf = (folder: string, { files }: CopyManifest): string[] =>
  files.map(({ name }) => join(folder, name));
