import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newestEventUpTo } from '../../kernel/event-store/log-pages';
import type { RecordedEvent } from '../../kernel/events';
import { type Position, positionOfStamp, stampOf } from '../../kernel/position';
import { nextTurn } from '../../kernel/waiting';
import type { HistorySource } from '../source';
import { ExportFile, finishFile, partOf, placeOf } from './export-file';
import { inExportFolder } from './export-folder';
import { type ExportProgress, type ExportTask, noteProgress, type OpenFile, replaceFile } from './export-progress';
import type { ExportFormat } from './formats/format';
import { LogHash } from './log-hash';
import { lineOf, textsOf } from './log-line';

import {
  EXPORT_VERSION,
  type ExportedFile,
  type ExportedType,
  MANIFEST,
  type Manifest,
  manifestText,
} from './manifest';
import { type Selection, selects } from './selection';
import { type Stretch, stretchPages } from './stretch';

export interface ExportRequest {
  /** Path of the folder: empty, or with what is there of the same export. */
  readonly folder: string;
  readonly format: ExportFormat;
  readonly selection: Selection;
  readonly perDay: boolean;
  /** What `selection.from` and `.to` come to in this store. */
  readonly stretch: Stretch;
  /** Told after each page how many events of the log were looked at, also before it was cut short. */
  readonly onProgress?: (events: number) => void;
  /** The progress is noted after so many events at the latest. */
  readonly notedEvery?: number;
  /** Aborted: the export stops, and can go on later. */
  readonly signal?: AbortSignal;
}

/** Some ten megabytes: what is written anew after a kill. */
const NOTED_EVERY = 50_000;

/**
 * Writes the selected events into a folder, and a manifest when all are there. Cut short by whatever, the same request goes on
 * from what was noted last, and gives the very bytes that it would have given at once.
 * @throws ExportRefused | StoreUnavailable
 */
export async function exportLog(source: HistorySource, request: ExportRequest): Promise<Manifest> {
  const { folder, format, selection, perDay } = request;
  const task = { format: format.name, storeId: source.storeId, selection, perDay };
  return inExportFolder(folder, task, async (begun) => {
    const noted = begun ?? (await firstProgress(source, task, request.stretch));
    // Before any file is there: else nobody could tell afterwards what it is a part of.
    if (!begun) await noteProgress(folder, noted);
    return new Export(source, request, noted).run();
  });
}

async function firstProgress(
  { store }: HistorySource,
  task: ExportTask,
  { after, upTo }: Stretch,
): Promise<ExportProgress> {
  const newest = upTo && (await newestEventUpTo(store, upTo));
  return {
    task,
    upTo: upTo && stampOf(upTo),
    asOf: newest && placeOf(newest),
    position: after && stampOf(after),
    seen: 0,
    logHash: new LogHash().hex,
    types: {},
    finished: [],
    open: null,
  };
}

/** One run of an export: from what was noted, to the end or to where it is cut short. */
class Export {
  private readonly hash: LogHash;
  private readonly types: Record<string, { events: number; versions: Record<string, number> }>;
  private readonly finished: ExportedFile[];
  private file: ExportFile | null = null;
  private position: Position | null;
  private sinceNoted = 0;
  private seen: number;

  constructor(
    private readonly source: HistorySource,
    private readonly request: ExportRequest,
    private readonly noted: ExportProgress,
  ) {
    this.hash = new LogHash(noted.logHash);
    this.types = structuredClone(noted.types) as typeof this.types;
    this.finished = [...noted.finished];
    this.seen = noted.seen;
    this.position = noted.position === null ? null : positionOfStamp(noted.position);
  }

  async run(): Promise<Manifest> {
    const { folder, format, perDay } = this.request;
    const { open, finished } = this.noted;
    if (open) this.file = await ExportFile.goOn(folder, open, format);
    else if (!perDay && finished.length === 0) this.file = await ExportFile.begin(folder, this.nameOf(null), format);
    try {
      await this.writeAll();
      await this.finish();
    } finally {
      await this.file?.close();
    }
    return this.conclude();
  }

  private async writeAll(): Promise<void> {
    const { selection, signal, onProgress, notedEvery = NOTED_EVERY } = this.request;
    const isSelected = selects(selection);
    const { upTo } = this.noted;
    const stretch = { after: this.position, upTo: upTo === null ? null : positionOfStamp(upTo) };
    let looked = this.seen;
    for await (const page of stretchPages(this.source.store, stretch)) {
      signal?.throwIfAborted();
      for (const event of page) {
        looked++;
        if (!isSelected(event)) continue;
        const name = this.nameOf(event);
        const file = this.file?.name === name ? this.file : await this.next(name);
        this.add(event, file);
        this.seen = looked;
      }
      await this.file?.write();
      const last = page.at(-1);
      if (last) this.position = last.position;
      this.sinceNoted += page.length;
      this.seen = looked;
      if (this.sinceNoted >= notedEvery) await this.note();
      onProgress?.(this.seen);
      await nextTurn();
    }
  }

  private async next(name: string): Promise<ExportFile> {
    await this.finish();
    this.file = await ExportFile.begin(this.request.folder, name, this.request.format);
    return this.file;
  }

  private add(event: RecordedEvent, file: ExportFile): void {
    const texts = textsOf(event);
    const line = lineOf(event, texts);
    file.add(event, line, texts);
    this.hash.add(line);
    const type = (this.types[event.type] ??= { events: 0, versions: {} });
    const version = String(event.metadata['v'] ?? 'none');
    type.events++;
    type.versions[version] = (type.versions[version] ?? 0) + 1;
    this.position = event.position;
  }

  private nameOf(event: RecordedEvent | null): string {
    const { perDay, format } = this.request;
    const day = perDay && event ? `-${event.recordedAt.slice(0, 'yyyy-mm-dd'.length)}` : '';
    const name = `events${day}.${format.extension}`;
    // A day is not begun again where the clock of the event store went back over midnight.
    return this.file && this.file.name > name ? this.file.name : name;
  }

  /** The file of now is complete: notes that, makes it, and notes that it is made. */
  private async finish(): Promise<void> {
    if (!this.file) return;
    const { folder, format } = this.request;
    const open = await this.note();
    await this.file.close();
    this.file = null;
    this.finished.push(await finishFile(folder, open!, format));
    await this.note();
    await rm(partOf(folder, open!.name), { force: true });
  }

  private async note(): Promise<OpenFile | null> {
    this.sinceNoted = 0;
    const open = (await this.file?.sync()) ?? null;
    const { hash, types, finished, seen } = this;
    const position = this.position && stampOf(this.position);
    await noteProgress(this.request.folder, {
      ...this.noted,
      position,
      seen,
      logHash: hash.hex,
      types,
      finished,
      open,
    });
    return open;
  }

  private async conclude(): Promise<Manifest> {
    const { folder } = this.request;
    const manifest = this.manifest();
    await replaceFile(join(folder, MANIFEST), manifestText(manifest));
    for (const { name } of manifest.files) await rm(partOf(folder, name), { force: true });
    return manifest;
  }

  private manifest(): Manifest {
    const { task, asOf } = this.noted;
    const files = this.finished;
    const withEvents = files.filter(({ events }) => events > 0);
    return {
      formatVersion: EXPORT_VERSION,
      format: task.format,
      storeId: task.storeId,
      selection: task.selection,
      perDay: task.perDay,
      asOf,
      events: files.reduce((sum, { events }) => sum + events, 0),
      first: withEvents[0]?.first ?? null,
      last: withEvents.at(-1)?.last ?? null,
      logHash: this.hash.hex,
      types: sortedByName<ExportedType>(this.types),
      files: files.map((file) => ({ ...file, types: sortedByName(file.types) })),
    };
  }
}

const sortedByName = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
