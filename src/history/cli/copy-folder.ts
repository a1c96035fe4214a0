import { resolve } from 'node:path';
import { copyFolderOf } from '../columnar/columnar-copy';
import type { HistoryConfig } from '../source';
import type { CommandOption } from './command';
import { Misuse, type OptionValues } from './option-values';

/** The option `--cache` of what needs the columnar copy. */
export const COPY_FOLDER: CommandOption = {
  type: 'string',
  value: '<folder>',
  meaning: 'Where the columnar copy is kept; default: the folder history in the data folder.',
};

/** @throws Misuse where no folder of the shop's can be used */
export function copyFolderIn(values: OptionValues, { dataDir, eventStoreUrl }: HistoryConfig): string {
  const cache = values.text('cache');
  if (cache !== undefined) return resolve(cache);
  if (eventStoreUrl === null) return copyFolderOf(dataDir);
  throw new Misuse('--cache names the folder to keep the columnar copy in, where the events are in EventStoreDB.');
}
