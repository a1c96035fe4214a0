import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataFolder, DataFolderLocked } from '../../kernel/event-store/data-folder';
import type { RecordedEvent } from '../../kernel/events';
import { comparePositions, type Position, positionOfStamp } from '../../kernel/position';
import { nextTurn, pause } from '../../kernel/waiting';
import { EVENT_COLUMNS, type EventColumn } from '../export/event-columns';
import { placeOf } from '../export/export-file';
import { stretchPages } from '../export/stretch';
import type { HistorySource } from '../source';
import { type CopyManifest, emptyCopy, isSameKind, readCopy, writeCopy } from './copy-manifest';
import { literal, withDuckDb } from './duckdb';
import { PARQUET, writeParquet } from './parquet-file';
import { StagedRows } from './staged-rows';

export interface RefreshOptions {
  /** Told how many new events are in the copy, now and then. */
  readonly onProgress?: (events: number) => void;
  /** So long it waits for another process that works on the copy, in milliseconds. */
  readonly patienceMs?: number;
  /** Most events of one file. */
  readonly fileEvents?: number;
  /** So many files that are not full are put together into one. */
  readonly mostSmallFiles?: number;
}

const FILE_EVENTS = 250_000;
const MOST_SMALL_FILES = 16;
const PATIENCE_MS = 120_000;
/** A query that began before the copy changed has ended by then. */
const RETIRED_FOR_MS = 15 * 60_000;
const STAGED = 'staged';

/** Where a data folder keeps the columnar copy of its log. */
export const copyFolderOf = (dataDir: string): string => join(dataDir, 'history');

/** The columns of the copy: the place of the event in it, from 1, and those that every tabular form has. */
const copyColumns = (seq: () => number): readonly EventColumn[] => [
  { name: 'seq', type: 'BIGINT', of: seq },
  ...EVENT_COLUMNS,
];

/**
 * Adds to the columnar copy in the folder what the store has recorded since the last time, and answers what it holds now. A copy of
 * another store, of a store that was put back from a backup, or of other event types is made anew. Events are of the newest version
 * of their types; `version` says which one was stored.
 * @throws DataFolderLocked when another process works on the copy for too long
 * @throws UnknownEventVersion | StoreUnavailable
 */
export async function refreshCopy(
  source: HistorySource,
  folder: string,
  options: RefreshOptions = {},
): Promise<CopyManifest> {
  const lock = await locked(folder, options.patienceMs ?? PATIENCE_MS);
  try {
    return await new Refresh(source, folder, options).run();
  } finally {
    lock.close();
  }
}

async function locked(folder: string, patienceMs: number): Promise<DataFolder> {
  for (const started = performance.now(); ;) {
    try {
      return DataFolder.open(folder);
    } catch (error) {
      if (!(error instanceof DataFolderLocked) || performance.now() - started > patienceMs) throw error;
    }
    await pause(50);
  }
}

class Refresh {
  private copy: CopyManifest;
  private seq = 0;
  private readonly columns = copyColumns(() => this.seq);
  private readonly fileEvents: number;

  constructor(
    private readonly source: HistorySource,
    private readonly folder: string,
    private readonly options: RefreshOptions,
  ) {
    this.copy = emptyCopy(source.storeId, source.registry);
    this.fileEvents = options.fileEvents ?? FILE_EVENTS;
  }

  async run(): Promise<CopyManifest> {
    await this.adopt();
    await this.takeNew();
    await this.compact();
    await this.forgetRetired();
    return this.copy;
  }

  /** Goes on with the copy that is there, if it is one of this log. */
  private async adopt(): Promise<void> {
    const found = await readCopy(this.folder);
    if (!found) return;
    if (isSameKind(found, this.copy) && (await this.isOfThisLog(found))) {
      this.copy = found;
      return;
    }
    const { generation, files, retired = [] } = found;
    this.copy = { ...this.copy, generation: generation ?? 0, retired: [...retired, ...(files ?? []).map(retiredNow)] };
  }

  private async isOfThisLog({ asOf, files }: CopyManifest): Promise<boolean> {
    if (!files.every(({ name }) => existsSync(join(this.folder, name)))) return false;
    if (asOf === null) return true;
    return (await this.source.store.readAt(positionOfStamp(asOf.position)))?.id === asOf.eventId;
  }

  private async takeNew(): Promise<void> {
    const { store } = this.source;
    const after: Position | null = this.copy.asOf && positionOfStamp(this.copy.asOf.position);
    const upTo = await store.head();
    if (comparePositions(after, upTo) >= 0) return;
    this.seq = this.copy.events;
    let staged = await this.stage();
    for await (const page of stretchPages(store, { after, upTo })) {
      for (const event of page) {
        staged.add(this.newest(event));
        if (staged.events < this.fileEvents) continue;
        await this.take(staged);
        staged = await this.stage();
      }
      await staged.write();
      this.options.onProgress?.(this.seq);
      await nextTurn();
    }
    await this.take(staged);
  }

  private stage(): Promise<StagedRows> {
    return StagedRows.begin(join(this.folder, STAGED), this.columns);
  }

  /** The next event, in the newest version of its type. */
  private newest(event: RecordedEvent): RecordedEvent {
    this.seq++;
    const { data } = this.source.registry.decode(event);
    return { ...event, data: data as RecordedEvent['data'] };
  }

  /** What was staged becomes a file of the copy. Queries mostly ask for one type of event: its rows lie together, so that all others are skipped. */
  private async take(staged: StagedRows): Promise<void> {
    const { last, events } = staged;
    const texts = await staged.finish();
    if (last) {
      const name = this.nameOfNext();
      await writeParquet({ columns: this.columns, staged: texts, file: join(this.folder, name) });
      await this.write({
        asOf: { ...placeOf(last), eventId: last.id },
        events: this.copy.events + events,
        files: [...this.copy.files, { name, events }],
      });
    }
    await staged.remove();
  }

  /** Puts the files that are not full together, when they have become many. */
  private async compact(): Promise<void> {
    const { files, retired } = this.copy;
    const notFull = files.filter(({ events }) => events < this.fileEvents / 2);
    if (notFull.length <= (this.options.mostSmallFiles ?? MOST_SMALL_FILES)) return;
    let events = 0;
    const small = notFull.filter((file) => (events += file.events) <= this.fileEvents);
    const name = this.nameOfNext();
    const unfinished = join(this.folder, `${name}.unfinished`);
    const paths = small.map((file) => literal(join(this.folder, file.name)));
    await withDuckDb(async (connection) => {
      const rows = `read_parquet([${paths.join(', ')}])`;
      const types = (await connection.runAndReadAll(`SELECT DISTINCT type FROM ${rows} ORDER BY type`)).getRowsJson();
      const ofTypes = types.map(([type]) => `SELECT * FROM ${rows} WHERE type = ${literal(String(type))}`);
      await connection.run(`COPY (${ofTypes.join(' UNION ALL ')}) TO ${literal(unfinished)} (${PARQUET})`);
    });
    await rename(unfinished, join(this.folder, name));
    events = small.reduce((sum, file) => sum + file.events, 0);
    const others = files.filter((file) => !small.includes(file));
    await this.write({ files: [...others, { name, events }], retired: [...retired, ...small.map(retiredNow)] });
  }

  private async forgetRetired(): Promise<void> {
    const limit = new Date(Date.now() - RETIRED_FOR_MS).toISOString();
    const over = this.copy.retired.filter(({ since }) => since < limit);
    if (over.length === 0) return;
    for (const { name } of over) await rm(join(this.folder, name), { force: true });
    await this.write({ retired: this.copy.retired.filter((file) => !over.includes(file)) });
  }

  private nameOfNext(): string {
    return `events-${String(this.copy.generation + 1).padStart(8, '0')}.parquet`;
  }

  private async write(changes: Partial<CopyManifest>): Promise<void> {
    this.copy = { ...this.copy, ...changes, generation: this.copy.generation + 1 };
    await writeCopy(this.folder, this.copy);
  }
}

const retiredNow = ({ name }: { readonly name: string }) => ({ name, since: new Date().toISOString() });
