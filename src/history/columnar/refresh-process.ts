/**
 * A process that brings the columnar copy in a folder up to date and ends: the shop's own loop has better things to do.
 * `node refresh-process.js <folder of the copy>`, with DATA_DIR and EVENTSTORE_URL as the shop has them.
 */
import { loadConfig } from '../../config';
import { messageOf } from '../../kernel/message-of';
import { openHistory } from '../source';
import { refreshCopy } from './columnar-copy';

async function main(folder: string): Promise<void> {
  const source = await openHistory(loadConfig(process.env, []));
  try {
    await refreshCopy(source, folder);
  } finally {
    await source.close();
  }
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
