import { existsSync } from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordedEvent } from '../../kernel/events';
import { stampOf } from '../../kernel/position';
import type { OpenFile } from './export-progress';
import { LINE_HASH_BYTES, lineHash, linesOf, summaryOf } from './file-summary';
import type { ExportFormat } from './formats/format';
import type { EventTexts } from './log-line';
import type { ExportedFile, Place } from './manifest';

/** Path of the text that a file is made from, until it is finished. */
export const partOf = (folder: string, name: string): string => join(folder, `${name}.part`);

export const placeOf = ({ position, recordedAt }: Pick<RecordedEvent, 'position' | 'recordedAt'>): Place => ({
  position: stampOf(position),
  recordedAt,
});

/** In bytes. A shop beside that syncs what it has sold waits for what others have left to write. */
const SYNCED_EVERY = 1_000_000;

/** One file of an export while its text is written. What was not synced counts as not written. */
export class ExportFile {
  private waiting: string[] = [];
  private bytes: number;
  /** Bytes that may not be on disk yet. */
  private unsynced = 0;
  private events: number;
  private first: Place | null;
  private last: Place | null;
  /** What was added last, if anything was. */
  private newest: RecordedEvent | null = null;
  private readonly types: Record<string, number>;

  private constructor(
    readonly name: string,
    private readonly format: ExportFormat,
    private readonly file: FileHandle,
    { bytes, events, first, last, types }: Omit<OpenFile, 'name'>,
  ) {
    this.bytes = bytes;
    this.events = events;
    this.first = first;
    this.last = last;
    this.types = { ...types };
  }

  static async begin(folder: string, name: string, format: ExportFormat): Promise<ExportFile> {
    const file = await open(partOf(folder, name), 'w', 0o600);
    const begun = new ExportFile(name, format, file, { bytes: 0, events: 0, first: null, last: null, types: {} });
    begun.waiting.push(format.head);
    return begun;
  }

  /** Cuts off what was written after the progress was noted, and goes on from there. */
  static async goOn(folder: string, noted: OpenFile, format: ExportFormat): Promise<ExportFile> {
    const part = partOf(folder, noted.name);
    // It was finished, and then the progress was not noted any more.
    if (!existsSync(part)) await rename(join(folder, noted.name), part);
    const file = await open(part, 'r+');
    await file.truncate(noted.bytes);
    return new ExportFile(noted.name, format, file, noted);
  }

  add(event: RecordedEvent, line: string, texts: EventTexts): void {
    this.waiting.push(this.format.text(event, line, texts));
    this.events++;
    this.first ??= placeOf(event);
    this.newest = event;
    this.types[event.type] = (this.types[event.type] ?? 0) + 1;
  }

  async write(): Promise<void> {
    if (this.waiting.length === 0) return;
    const text = Buffer.from(this.waiting.join(''), 'utf8');
    this.waiting = [];
    await this.file.write(text, 0, text.length, this.bytes);
    this.bytes += text.length;
    this.unsynced += text.length;
    if (this.unsynced >= SYNCED_EVERY) await this.syncWritten();
  }

  /** Everything that was added is on disk; answers how far the file has come. */
  async sync(): Promise<OpenFile> {
    await this.write();
    await this.syncWritten();
    if (this.newest) this.last = placeOf(this.newest);
    const { name, bytes, events, first, last, types } = this;
    return { name, bytes, events, first, last, types: { ...types } };
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async syncWritten(): Promise<void> {
    this.unsynced = 0;
    await this.file.datasync();
  }
}

/** Makes the file of its text. Where the two differ, the text stays until it is known that the file is finished. */
export async function finishFile(folder: string, noted: OpenFile, format: ExportFormat): Promise<ExportedFile> {
  const { name, events, first, last, types } = noted;
  const staged = partOf(folder, name);
  const file = join(folder, name);
  if (format.finish) {
    await format.finish({ staged, file, events });
    await syncFile(file);
  } else {
    await rename(staged, file);
  }
  const lines = format.hasLines ? await writeLineHashes(folder, name) : null;
  return { name, events, ...(await summaryOf(file)), first, last, types, lines };
}

const syncFile = async (path: string): Promise<void> => {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
};

async function writeLineHashes(folder: string, name: string): Promise<NonNullable<ExportedFile['lines']>> {
  const hashes: Buffer[] = [];
  for await (const lines of linesOf(join(folder, name))) hashes.push(Buffer.concat(lines.map(lineHash)));
  const all = Buffer.concat(hashes);
  if (all.length % LINE_HASH_BYTES !== 0) throw new Error(`The hashes of the lines of ${name} are incomplete.`);
  const path = join(folder, `${name}.lines`);
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(all);
    await file.sync();
  } finally {
    await file.close();
  }
  return { name: `${name}.lines`, sha256: (await summaryOf(path)).sha256 };
}
