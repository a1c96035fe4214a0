import { runHistory } from './cli/run-history';
import { allCommands } from './commands/all-commands';

const USAGE = 'Usage: chronocart history <command> [arguments]; chronocart history --help lists the commands.';

/** Runs `chronocart <arguments>`; the process ends with its status when everything is written. */
async function main(args: readonly string[]): Promise<void> {
  endQuietlyWhenNobodyReads();
  const [part, ...rest] = args;
  if (part === 'history') {
    process.exitCode = await runHistory(allCommands, rest, process);
    return;
  }
  const isAsked = part === '--help' || part === 'help';
  (isAsked ? process.stdout : process.stderr).write(`${USAGE}\n`);
  process.exitCode = isAsked ? 0 : 2;
}

/** As after `chronocart … | head`: whoever read the answer has seen enough. */
function endQuietlyWhenNobodyReads(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}

void main(process.argv.slice(2));
