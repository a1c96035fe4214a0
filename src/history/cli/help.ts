import type { CommandOption, HistoryCommand } from './command';

/** What every command has. */
export const COMMON_OPTIONS: Readonly<Record<string, CommandOption>> = {
  json: { type: 'boolean', meaning: 'Answer in JSON.' },
  'data-dir': {
    type: 'string',
    value: '<folder>',
    meaning: 'Data folder of the shop, in place of the environment’s DATA_DIR.',
  },
  help: { type: 'boolean', meaning: 'Show this and end.' },
};

const table = (rows: readonly (readonly [string, string])[]): string[] => {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
};

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

export const overview = (commands: readonly HistoryCommand[]): string =>
  text([
    'Usage: chronocart history <command> [arguments]',
    '',
    'Commands:',
    ...table(commands.map(({ name, meaning }) => [name, meaning])),
    '',
    'chronocart history <command> --help says more of one.',
    '',
    'Environment:',
    ...table([
      ['DATA_DIR', 'Data folder of the shop; it may be running. Default: ./data.'],
      ['EVENTSTORE_URL', 'Connection string of EventStoreDB, where the shop’s events are there.'],
    ]),
  ]);

export function helpOf({ name, synopsis, meaning, options, notes = [] }: HistoryCommand): string {
  const all = Object.entries({ ...COMMON_OPTIONS, ...options });
  return text([
    `Usage: chronocart history ${name} ${synopsis}`.trimEnd(),
    '',
    meaning,
    '',
    'Options:',
    ...table(all.map(([option, { value, meaning }]) => [`--${option}${value ? ` ${value}` : ''}`, meaning])),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ]);
}
