import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Selection } from './selection';

/** Raised when the folder of an export looks different. */
export const EXPORT_VERSION = 1;

export const MANIFEST = 'manifest.json';

/** Where in the log something is. */
export interface Place {
  /** `commit/prepare`, each of 20 digits. */
  readonly position: string;
  readonly recordedAt: string;
}

export interface ExportedFile {
  readonly name: string;
  readonly events: number;
  /** Its length. */
  readonly bytes: number;
  readonly sha256: string;
  readonly first: Place | null;
  readonly last: Place | null;
  /** Number of its events by type. */
  readonly types: Readonly<Record<string, number>>;
  /**
   * A file with the hash of each of its lines (the first 8 bytes of SHA-256, one after another), by which a changed line is found;
   * null: it has no lines.
   */
  readonly lines: { readonly name: string; readonly sha256: string } | null;
}

export interface ExportedType {
  readonly events: number;
  /** Number of its events by version of their data. */
  readonly versions: Readonly<Record<string, number>>;
}

/** What is in the folder of an export. It names no time of its own, so that the same log gives the same bytes. */
export interface Manifest {
  readonly formatVersion: number;
  readonly format: string;
  readonly storeId: string;
  readonly selection: Selection;
  readonly perDay: boolean;
  /** The newest event that was looked at, selected or not: what is later is not in it. */
  readonly asOf: Place | null;
  readonly events: number;
  readonly first: Place | null;
  readonly last: Place | null;
  /** Over the lines that NDJSON has for these events, in their order (see log-hash.ts), whatever the format. */
  readonly logHash: string;
  readonly types: Readonly<Record<string, ExportedType>>;
  readonly files: readonly ExportedFile[];
}

/** A folder does not hold a whole export that this release can read. */
export class NotAnExport extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotAnExport';
  }
}

export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

/** @throws NotAnExport */
export async function readManifest(folder: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new NotAnExport(`${folder} holds no finished export: there is no ${MANIFEST} in it.`);
  }
  const manifest = parse(folder, text);
  if (manifest.formatVersion > EXPORT_VERSION)
    throw new NotAnExport(`The export in ${folder} was written by a newer release of Chronocart; use that one.`);
  if (manifestText(manifest) !== text)
    throw new NotAnExport(`${MANIFEST} in ${folder} was changed: it is not as an export writes it.`);
  return manifest;
}

/** Of a file in the folder itself. */
const PLAIN_NAME = /^\w[\w.-]*$/;

function parse(folder: string, text: string): Manifest {
  try {
    const manifest = JSON.parse(text) as Manifest;
    const isPlain = ({ name, lines }: ExportedFile) => PLAIN_NAME.test(name) && PLAIN_NAME.test(lines?.name ?? name);
    if (Number.isInteger(manifest.formatVersion) && manifest.files.every(isPlain)) return manifest;
  } catch {
    // It is told below, as for any other text that is no manifest.
  }
  throw new NotAnExport(`${MANIFEST} in ${folder} is damaged: it is not the manifest of an export.`);
}
