import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LINE_HASH_BYTES, lineHash, linesOf, summaryOf } from '../export/file-summary';
import { LogHash } from '../export/log-hash';
import type { ExportedFile, Manifest } from '../export/manifest';
import type { Finding } from './finding';

/** Compares the files of an export with its manifest; a line that was changed is named. */
export async function verifyFiles(folder: string, manifest: Manifest): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const file of manifest.files) findings.push(...(await verifyFile(folder, file)));
  if (findings.length === 0 && manifest.format === 'ndjson') findings.push(...(await verifyLogHash(folder, manifest)));
  return findings;
}

const about = (where: string, what: string): Finding => ({ where, line: null, position: null, what });

async function verifyFile(folder: string, file: ExportedFile): Promise<Finding[]> {
  const path = join(folder, file.name);
  if (!existsSync(path)) return [about(file.name, 'The file is missing.')];
  const { bytes, sha256 } = await summaryOf(path);
  const isWhole = bytes === file.bytes && sha256 === file.sha256;
  const hashes = file.lines && (await lineHashes(folder, file.lines));
  if (file.lines && hashes === null) {
    const damaged = about(file.lines.name, 'The file with the hashes of the lines is missing, or was changed.');
    return isWhole ? [damaged] : [damaged, changed(file.name)];
  }
  if (isWhole) return [];
  const lines = hashes === null ? [] : await changedLines(path, file.name, hashes);
  return lines.length > 0 ? lines : [changed(file.name)];
}

const changed = (name: string): Finding =>
  about(name, 'The file was changed: its SHA-256 is not that of the manifest.');

/** null: they are not those of the export. */
async function lineHashes(
  folder: string,
  { name, sha256 }: NonNullable<ExportedFile['lines']>,
): Promise<Buffer | null> {
  const path = join(folder, name);
  if (!existsSync(path)) return null;
  return (await summaryOf(path)).sha256 === sha256 ? readFile(path) : null;
}

const POSITION = /^\{"position":"(\d{20}\/\d{20})"/;

/**
 * Compares each line with its hash. From a line that was added or removed on all others differ too: the first one is named then.
 */
async function changedLines(path: string, where: string, hashes: Buffer): Promise<Finding[]> {
  const expected = hashes.length / LINE_HASH_BYTES;
  const findings: Finding[] = [];
  let number = 0;
  let previous: string | null = null;
  for await (const lines of linesOf(path)) {
    for (const line of lines) {
      number++;
      const text = line.toString('latin1');
      const own: string | null = POSITION.exec(text)?.[1] ?? null;
      const hash = hashes.subarray((number - 1) * LINE_HASH_BYTES, number * LINE_HASH_BYTES);
      if (number > expected || !lineHash(line).equals(hash)) {
        const position = own ?? (previous === null ? null : `after ${previous}`);
        findings.push({ where, line: number, position, what: 'The line was changed after the export.' });
      }
      previous = own ?? previous;
    }
  }
  if (number === expected) return findings;
  const [first] = findings;
  const what = `The file has ${number} lines instead of ${expected}; up to here it is as it was exported.`;
  return [first ? { ...first, what } : { where, line: number, position: previous, what }];
}

async function verifyLogHash(folder: string, { files, logHash }: Manifest): Promise<Finding[]> {
  const hash = new LogHash();
  for (const { name } of files)
    for await (const lines of linesOf(join(folder, name))) for (const line of lines) hash.add(line.toString('utf8'));
  return hash.hex === logHash ? [] : [about('manifest.json', 'The hash of the log is not that of the events.')];
}
