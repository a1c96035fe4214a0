/** Exports the log of a data folder, and prints a line after each page: it is killed in the middle. Usage: <data folder> <folder> <format>. */
import { exportLog } from '#src/history/export/export-log';
import { allFormats } from '#src/history/export/formats/all-formats';
import { EVERYTHING } from '#src/history/export/selection';
import { openHistory } from '#src/history/source';

async function main([dataDir, folder, name]: readonly string[]): Promise<void> {
  const format = allFormats.find((known) => known.name === name)!;
  const source = await openHistory({ dataDir: dataDir!, eventStoreUrl: null });
  const stretch = { after: null, upTo: await source.store.head() };
  const onProgress = (events: number) => process.stdout.write(`${events}\n`);
  const request = {
    folder: folder!,
    format,
    selection: EVERYTHING,
    perDay: false,
    stretch,
    onProgress,
    notedEvery: 700,
  };
  await exportLog(source, request);
  await source.close();
}

void main(process.argv.slice(2));
