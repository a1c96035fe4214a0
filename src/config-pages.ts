import { cliArguments, notInThisRelease } from './config';
import { variables, type Variable } from './config-variables';

/** What `--help` prints. */
export function usage(): string {
  const names = [...Object.keys(cliArguments), ...documented().map(({ name }) => name)];
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const lines = [
    'Usage: npm start -- [arguments]',
    '',
    'Arguments:',
    ...Object.entries(cliArguments).map(([name, meaning]) => `  ${name.padEnd(width)}${meaning}`),
    '',
    'Environment:',
    ...documented().map(({ name, meaning, fallback }) => `  ${name.padEnd(width)}${meaning} Default: ${fallback}.`),
    '',
    `A file may hold the value of ${secrets().join(', ')}: <name>_FILE names it.`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The page docs/configuration.md, whole. */
export function describeConfig(): string {
  return [
    '# Configuration',
    '',
    'Chronocart reads its configuration once, at start, from the environment and from its arguments. A value that it cannot',
    'start with ends it with status 2 and one sentence that names the variable, for each such value. An empty variable counts as not',
    'set. `--check-config` only looks, reaches no server, and says with status 0 that all is right.',
    '',
    table(
      ['Variable', 'Meaning', 'Default'],
      documented().map(({ name, meaning, fallback }) => [`\`${name}\``, meaning, fallback]),
    ),
    '',
    '## Secrets',
    '',
    `A file may hold the value of ${secrets()
      .map((name) => `\`${name}\``)
      .join(', ')}, as a secret`,
    'of Docker or Kubernetes does: the name of the variable and `_FILE` names the file (`SHOP_SECRET_FILE=/run/secrets/shop`). White space',
    'around it does not count. A role looks only at what it needs:',
    '',
    table(
      ['Variable', 'Roles that need it'],
      Object.values<Variable<unknown>>(variables).flatMap(({ name, roles }) =>
        roles ? [[`\`${name}\``, roles.join(', ')]] : [],
      ),
    ),
    '',
    'A `ROLE` other than `all` needs `EVENTSTORE_URL`, `MONGODB_URL` and `SHOP_SECRET`.',
    '',
    '## Arguments',
    '',
    table(
      ['Argument', 'Meaning'],
      Object.entries(cliArguments).map(([name, meaning]) => [`\`${name}\``, meaning]),
    ),
    '',
    '## Servers that this release has no adapter for',
    '',
    'These names are taken. Setting one is refused, so that nobody believes that a server is in use which is not.',
    '',
    table(
      ['Variable', 'Server'],
      Object.entries(notInThisRelease).map(([name, server]) => [`\`${name}\``, server]),
    ),
    '',
  ].join('\n');
}

const secrets = (): string[] =>
  Object.values<Variable<unknown>>(variables).flatMap(({ name, secret }) => (secret ? [name] : []));

const documented = () =>
  Object.values<Variable<unknown>>(variables).map(({ name, meaning, fallback }) => ({
    name,
    meaning,
    fallback: typeof fallback === 'string' ? fallback : fallback.otherwise,
  }));

/** A Markdown table, its columns aligned the way Prettier does it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] as string).length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] as number)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
