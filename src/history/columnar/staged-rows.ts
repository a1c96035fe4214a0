import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordedEvent } from '../../kernel/events';
import type { EventColumn } from '../export/event-columns';
import { textsOf } from '../export/log-line';
import { stagedRow } from './staged-text';

interface OfType {
  readonly path: string;
  /** null: nothing was written yet. */
  file: FileHandle | null;
  waiting: string[];
}

/** Rows on their way into a columnar file: a text on disk per type of event, so that nothing has to be sorted in memory. */
export class StagedRows {
  events = 0;
  /** The newest one. */
  last: RecordedEvent | null = null;
  private readonly types = new Map<string, OfType>();

  private constructor(
    private readonly folder: string,
    private readonly columns: readonly EventColumn[],
  ) {}

  /** Begins with an empty folder, which is made. */
  static async begin(folder: string, columns: readonly EventColumn[]): Promise<StagedRows> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
    return new StagedRows(folder, columns);
  }

  add(event: RecordedEvent): void {
    const of = this.types.get(event.type) ?? this.begin(event.type);
    of.waiting.push(stagedRow(this.columns, event, textsOf(event)));
    this.events++;
    this.last = event;
  }

  async write(): Promise<void> {
    for (const of of this.types.values()) {
      if (of.waiting.length === 0) continue;
      of.file ??= await open(of.path, 'w', 0o600);
      await of.file.write(of.waiting.join(''));
      of.waiting = [];
    }
  }

  /** Answers the paths of the texts, in the order of the types. */
  async finish(): Promise<string[]> {
    await this.write();
    await this.close();
    return [...this.types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { path }]) => path);
  }

  async close(): Promise<void> {
    for (const { file } of this.types.values()) await file?.close();
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private begin(type: string): OfType {
    const of: OfType = { path: join(this.folder, `${this.types.size}.text`), file: null, waiting: [] };
    this.types.set(type, of);
    return of;
  }
}
