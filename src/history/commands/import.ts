import { resolve } from 'node:path';
import type { CommandInput, HistoryCommand } from '../cli/command';
import { Misuse } from '../cli/option-values';
import { readManifest } from '../export/manifest';
import { importLog } from '../import/import-log';

export const importCommand: HistoryCommand = {
  name: 'import',
  synopsis: '<folder of an export> --data-dir <new data folder>',
  meaning: 'Makes an embedded event store from an NDJSON export of everything; ids, positions and times stay.',
  options: {
    'data-dir': { type: 'string', value: '<folder>', meaning: 'The data folder to make; it must not have events yet.' },
  },
  run,
};

/** What a shop needs to start on the store. No export holds it. */
const MISSING =
  'An export holds neither the shop’s secret nor the keys of personal data: bring SHOP_SECRET (or the file shop-secret) and the key store from their own backups before a shop is started on this folder.';

async function run({ positionals, values, io }: CommandInput): Promise<void> {
  const [from, ...more] = positionals;
  const data = values.text('data-dir');
  if (from === undefined || more.length > 0) throw new Misuse('Name one folder, that of the export.');
  if (data === undefined) throw new Misuse('--data-dir names the data folder to make.');
  const dataDir = resolve(data);
  const progress = io.progress('Importing events', (await readManifest(resolve(from))).events);
  try {
    const onProgress = (events: number) => progress.at(events);
    const { events, storeId, logHash } = await importLog({ from: resolve(from), dataDir, onProgress });
    progress.end();
    const told = `${events.toLocaleString('en-US')} events of store ${storeId} are in ${dataDir}.\nHash of the log: ${logHash}\n`;
    io.answer({ dataDir, storeId, events, logHash }, () => told);
    io.err(MISSING);
  } finally {
    progress.end();
  }
}
