/**
 * A process that works on the exports that were asked for, one after another, until none is left: the shop's own loop has better things
 * to do. `node export-process.js`, with DATA_DIR and EVENTSTORE_URL as the shop has them. It ends with its input, so that it does not
 * outlive the process that started it; what it has not finished, the next one goes on with.
 */
import { loadConfig } from '../../config';
import { messageOf } from '../../kernel/message-of';
import { openHistory } from '../source';
import { JobFolder, jobFolderOf } from './job-folder';
import { workOn } from './work-on';

async function main(): Promise<void> {
  const config = loadConfig(process.env, []);
  const source = await openHistory(config);
  try {
    await workOn(source, new JobFolder(jobFolderOf(config.dataDir)), {
      tell: (message) => process.stderr.write(`${message}\n`),
    });
  } finally {
    await source.close();
  }
}

process.stdin.on('end', () => process.exit(1)).resume();
main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  },
);
