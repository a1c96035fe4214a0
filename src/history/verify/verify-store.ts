import { join } from 'node:path';
import type { RecordedEvent } from '../../kernel/events';
import { stampOf } from '../../kernel/position';
import { nextTurn } from '../../kernel/waiting';
import { linesOf } from '../export/file-summary';
import { LogHash } from '../export/log-hash';
import { lineOf } from '../export/log-line';
import type { Manifest } from '../export/manifest';
import { selects } from '../export/selection';
import { stretchOf, stretchPages } from '../export/stretch';
import type { HistorySource } from '../source';
import { type Finding, MOST_FINDINGS } from './finding';

/**
 * Compares an export with the store that it says it is of, event by event where it holds the events themselves, else by the hash
 * over all of them. What the store has recorded since is no difference.
 */
export async function verifyStore(
  source: HistorySource,
  folder: string,
  manifest: Manifest,
  onProgress: (events: number) => void = () => undefined,
): Promise<Finding[]> {
  if (source.storeId !== manifest.storeId) {
    const what = `The export is of store ${manifest.storeId}, and this is ${source.storeId}.`;
    return [{ where: 'manifest.json', line: null, position: null, what }];
  }
  const comparison = manifest.format === 'ndjson' ? new LineComparison(folder, manifest) : new HashComparison(manifest);
  let events = 0;
  for await (const page of selectedPages(source, manifest)) {
    await comparison.compare(page);
    events += page.length;
    onProgress(events);
    await nextTurn();
  }
  return comparison.end();
}

/** The events that an export of now would hold, up to where this one ends. */
async function* selectedPages(
  { store }: HistorySource,
  { selection, asOf }: Manifest,
): AsyncGenerator<RecordedEvent[]> {
  const isSelected = selects(selection);
  const to = asOf?.position ?? '0';
  for await (const page of stretchPages(store, await stretchOf(store, { from: selection.from, to })))
    yield page.filter(isSelected);
}

interface Comparison {
  compare(page: readonly RecordedEvent[]): Promise<void>;
  end(): Promise<Finding[]>;
}

/** By the hash over all events. */
class HashComparison implements Comparison {
  private readonly hash = new LogHash();

  constructor(private readonly manifest: Manifest) {}

  async compare(page: readonly RecordedEvent[]): Promise<void> {
    for (const event of page) this.hash.add(lineOf(event));
  }

  async end(): Promise<Finding[]> {
    if (this.hash.hex === this.manifest.logHash) return [];
    const what = `The events of the store have another hash (${this.hash.hex}) than those that were exported.`;
    return [{ where: 'manifest.json', line: null, position: null, what }];
  }
}

interface ExportedLine {
  readonly where: string;
  readonly line: number;
  readonly text: string;
}

/** Event by event. */
class LineComparison implements Comparison {
  private readonly lines: AsyncIterator<ExportedLine>;
  private readonly findings: Finding[] = [];

  constructor(folder: string, manifest: Manifest) {
    this.lines = exportedLines(folder, manifest);
  }

  async compare(page: readonly RecordedEvent[]): Promise<void> {
    for (const event of page) {
      if (this.findings.length >= MOST_FINDINGS) return;
      const { value, done } = (await this.lines.next()) as IteratorResult<ExportedLine, undefined>;
      if (done) {
        const what = 'The store has an event here that the export has not.';
        this.findings.push({ where: 'the store', line: null, position: stampOf(event.position), what });
      } else if (value.text !== lineOf(event)) this.differs(value, event);
    }
  }

  async end(): Promise<Finding[]> {
    if (this.findings.length >= MOST_FINDINGS) return this.findings;
    const { value, done } = (await this.lines.next()) as IteratorResult<ExportedLine, undefined>;
    if (!done)
      this.findings.push({
        where: value.where,
        line: value.line,
        position: null,
        what: 'The export has an event here that the store has not.',
      });
    return this.findings;
  }

  private differs({ where, line }: ExportedLine, event: RecordedEvent): void {
    const what = `The event differs from that of the store (${event.type}, revision ${event.revision} of ${event.stream}).`;
    this.findings.push({ where, line, position: stampOf(event.position), what });
  }
}

async function* exportedLines(folder: string, { files }: Manifest): AsyncGenerator<ExportedLine, undefined> {
  for (const { name } of files) {
    let line = 0;
    for await (const lines of linesOf(join(folder, name)))
      for (const bytes of lines) yield { where: name, line: ++line, text: bytes.toString('utf8') };
  }
  return undefined;
}
