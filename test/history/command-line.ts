import { PassThrough } from 'node:stream';
import { runHistory } from '#src/history/cli/run-history';
import { allCommands } from '#src/history/commands/all-commands';

/** What a run of `chronocart history` said, and how it ended. */
export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `chronocart history <args>` in this process, on the store in a data folder. */
export async function history(
  dataDir: string,
  args: readonly string[],
  { env = {}, isTerminal = false, input = '' }: { env?: NodeJS.ProcessEnv; isTerminal?: boolean; input?: string } = {},
): Promise<Ran> {
  const [stdout, stderr] = [collecting(isTerminal), collecting(isTerminal)];
  const stdin = new PassThrough();
  stdin.end(input);
  const process = { env: { DATA_DIR: dataDir, ...env }, stdin, stdout: stdout.stream, stderr: stderr.stream };
  const status = await runHistory(allCommands, args, process);
  return { status, out: stdout.text(), err: stderr.text() };
}

function collecting(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY });
  const chunks: string[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return { stream, text: () => chunks.join('') };
}
