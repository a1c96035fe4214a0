import { parseArgs } from 'node:util';
import { ConfigError, loadConfig } from '../../config';
import { InvalidInstant } from '../../kernel/instant';
import { openHistory, type HistorySource } from '../source';
import type { HistoryCommand } from './command';
import { COMMON_OPTIONS, helpOf, overview } from './help';
import { type Io, ioOf } from './io';
import { Misuse, OptionValues } from './option-values';

/** What the command line runs in. */
export interface HistoryProcess extends Pick<NodeJS.Process, 'env'> {
  readonly stdin: Io['input'];
  readonly stdout: Parameters<typeof ioOf>[0]['stdout'];
  readonly stderr: Parameters<typeof ioOf>[0]['stderr'];
}

/** Exit statuses. */
const DONE = 0;
const FAILED = 1;
const MISUSED = 2;

const MISUSES = [Misuse, ConfigError, InvalidInstant];

/**
 * Runs `chronocart history <arguments>` and answers its exit status: 0 done, 1 failed, 2 the command line or the environment makes
 * no sense. What went wrong is one sentence on stderr; LOG_LEVEL=debug adds where in the program.
 */
export async function runHistory(
  commands: readonly HistoryCommand[],
  args: readonly string[],
  process: HistoryProcess,
): Promise<number> {
  try {
    await run(commands, args, process);
    return DONE;
  } catch (error) {
    const isDebugged = process.env['LOG_LEVEL'] === 'debug';
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    process.stderr.write(`${(isDebugged ? stack : undefined) ?? message}\n`);
    return MISUSES.some((misuse) => error instanceof misuse) ? MISUSED : FAILED;
  }
}

async function run(commands: readonly HistoryCommand[], args: readonly string[], process: HistoryProcess) {
  const [name, ...rest] = args;
  if (name === undefined) throw new Misuse(`Name a command:\n\n${overview(commands).trimEnd()}`);
  if (name === '--help' || name === 'help') return void process.stdout.write(overview(commands));
  const command = commands.find((known) => known.name === name);
  if (!command) {
    const names = commands.map((known) => known.name).join(', ');
    throw new Misuse(`There is no command ${name}; there are ${names}.`);
  }
  const { positionals, values } = parse(command, rest);
  if (values.flag('help')) return void process.stdout.write(helpOf(command));
  const io = ioOf(process, { json: values.flag('json') });
  const config = configOf(process.env, values.text('data-dir'));
  const opened: HistorySource[] = [];
  const open = async () => {
    const source = await openHistory(config, { warn: io.err });
    opened.push(source);
    return source;
  };
  try {
    await command.run({ positionals, values, io, config, open });
  } finally {
    for (const source of opened) await source.close();
  }
}

function parse(command: HistoryCommand, args: readonly string[]) {
  try {
    const options = { ...COMMON_OPTIONS, ...command.options };
    const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { positionals, values: new OptionValues(values) };
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')) throw error;
    // Node's message goes on about `--`; its first sentence says what is wrong.
    const [first = ''] = (error as Error).message.split(/\.(?:\s|$)/);
    throw new Misuse(`${first}; chronocart history ${command.name} --help lists what there is.`);
  }
}

/** Only what says where the history is: a variable of the shop that is wrong is none of its business. */
function configOf(env: NodeJS.ProcessEnv, dataDir: string | undefined) {
  const { EVENTSTORE_URL, EVENTSTORE_URL_FILE, MONGODB_URL, MONGODB_URL_FILE, DATA_DIR } = env;
  const servers = { EVENTSTORE_URL, EVENTSTORE_URL_FILE, MONGODB_URL, MONGODB_URL_FILE };
  return loadConfig({ ...servers, DATA_DIR: dataDir ?? DATA_DIR }, []);
}
