import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataFolder } from '../../kernel/event-store/data-folder';
import { SqliteEventStore } from '../../kernel/event-store/sqlite-event-store';
import { nextTurn } from '../../kernel/waiting';
import { summaryOf } from '../export/file-summary';
import { LogHash } from '../export/log-hash';
import { eventsOfFile } from '../export/log-files';
import { type Manifest, readManifest } from '../export/manifest';
import { isEverything } from '../export/selection';
import { embeddedStoreOf } from '../source';
import { BulkWriter, NotImportable } from './bulk-writer';

export interface ImportRequest {
  /** Path of the export. */
  readonly from: string;
  /** Path of the data folder to fill: a new one, or one without events. */
  readonly dataDir: string;
  /** Told now and then how many events are in. */
  readonly onProgress?: (events: number) => void;
}

/** The export can't become a store, or the folder holds one already. Nothing was written. */
export class ImportRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImportRefused';
  }
}

/**
 * Makes the event store of a data folder from an export of a whole log: storeId, ids, positions, revisions and recorded times are
 * those of the store that it was made from. The store is there whole, or not at all.
 * @throws ImportRefused | NotAnExport | DataFolderLocked
 */
export async function importLog(request: ImportRequest): Promise<Manifest> {
  const manifest = await readManifest(request.from);
  refuseUnlessWhole(manifest);
  const folder = DataFolder.open(request.dataDir);
  try {
    await refuseUnlessEmpty(request.dataDir);
    await fill(request, manifest);
  } finally {
    folder.close();
  }
  return manifest;
}

function refuseUnlessWhole({ format, selection, events }: Manifest): void {
  if (format !== 'ndjson')
    throw new ImportRefused(`This is an export as ${format}; only one as ndjson holds the events as they are stored.`);
  if (!isEverything(selection))
    throw new ImportRefused('This export holds a selection of the events; a store can be made only from all of them.');
  if (events === 0) throw new ImportRefused('There are no events in this export.');
}

async function refuseUnlessEmpty(dataDir: string): Promise<void> {
  const file = embeddedStoreOf(dataDir);
  if (!existsSync(file)) return;
  const store = await SqliteEventStore.open({ file, readOnly: true });
  try {
    if ((await store.head()) !== null)
      throw new ImportRefused(`There are events in ${dataDir} already; name a new data folder.`);
  } finally {
    await store.close();
  }
}

async function fill({ from, dataDir, onProgress }: ImportRequest, manifest: Manifest): Promise<void> {
  const file = embeddedStoreOf(dataDir);
  const unfinished = `${file}.import`;
  await removeDatabase(unfinished);
  const writer = BulkWriter.create(unfinished);
  try {
    await write(from, manifest, writer, onProgress);
    writer.finish();
  } catch (error) {
    writer.abandon();
    await removeDatabase(unfinished);
    throw error;
  }
  await removeDatabase(file);
  await rename(unfinished, file);
  await removeDatabase(unfinished);
}

async function write(
  from: string,
  manifest: Manifest,
  writer: BulkWriter,
  onProgress: ImportRequest['onProgress'],
): Promise<void> {
  const hash = new LogHash();
  let events = 0;
  for (const { name, bytes, sha256 } of manifest.files) {
    const path = join(from, name);
    const found = existsSync(path) ? await summaryOf(path) : null;
    if (found === null) throw new ImportRefused(`${name} is missing, which the manifest names.`);
    if (found.bytes !== bytes || found.sha256 !== sha256) throw changed(name);
    for await (const read of eventsOfFile(path)) {
      for (const { number, line, event } of read) {
        add(writer, event, `${name}, line ${number}`);
        hash.add(line);
      }
      events += read.length;
      onProgress?.(events);
      await nextTurn();
    }
  }
  if (events !== manifest.events || hash.hex !== manifest.logHash)
    throw new ImportRefused('The files are not those that the manifest is about: their events have another hash.');
}

function add(writer: BulkWriter, event: Parameters<BulkWriter['add']>[0], where: string): void {
  try {
    writer.add(event);
  } catch (error) {
    if (!(error instanceof NotImportable)) throw error;
    throw new ImportRefused(`The event in ${where} can't be imported: ${error.message}.`, { cause: error });
  }
}

const changed = (name: string): ImportRefused =>
  new ImportRefused(
    `${name} was changed after the export: its SHA-256 is not that of the manifest. verify says where.`,
  );

const removeDatabase = async (file: string): Promise<void> => {
  for (const end of ['', '-wal', '-shm']) await rm(`${file}${end}`, { force: true });
};
