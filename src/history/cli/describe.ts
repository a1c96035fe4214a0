import type { Json } from '../../kernel/json';
import { isSealed } from '../../kernel/personal-data/find-sealed';

/** Two columns, the first one as wide as it has to be; each line begins with `indent` spaces. */
export function columns(rows: readonly (readonly [string, string])[], indent = 0): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `${' '.repeat(indent)}${left.padEnd(width)}${right}`.trimEnd());
}

/** Plain data for people, a member on each line. A sealed value, or its pseudonym, is `sealed:<whose it is>`. */
export function describe(value: Json, indent = 0): string[] {
  if (!hasParts(value)) return [`${' '.repeat(indent)}${shortly(value)}`];
  if (Array.isArray(value)) return value.flatMap((item) => listItem(item as Json, indent));
  const members = Object.entries(value).filter((member): member is [string, Json] => member[1] !== undefined);
  const width = Math.max(...members.map(([name]) => name.length)) + 2;
  return members.flatMap(([name, member]) =>
    hasParts(member)
      ? [`${' '.repeat(indent)}${name}`, ...describe(member, indent + 2)]
      : [`${' '.repeat(indent)}${name.padEnd(width)}${shortly(member)}`],
  );
}

/** The first line of an item has a dash where its indentation ends. */
function listItem(item: Json, indent: number): string[] {
  const [first = '', ...rest] = describe(item, indent + 2);
  return [`${' '.repeat(indent)}- ${first.trimStart()}`, ...rest];
}

const hasParts = (value: Json): value is Json[] | { readonly [name: string]: Json | undefined } =>
  typeof value === 'object' && value !== null && !isSealed(value) && Object.keys(value).length > 0;

/** On one line: text as it is, anything else as JSON; more than `most` characters are cut off. */
export function shortly(value: Json, most = Infinity): string {
  const text = typeof value === 'string' ? oneLine(value) : isSealed(value) ? sealed(value) : inJson(value);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

const sealed = ({ subject }: { subject: string }): string => `sealed:${subject}`;

const oneLine = (text: string): string => (/[\p{Cc}]/u.test(text) || text === '' ? JSON.stringify(text) : text);

const inJson = (value: Json): string =>
  JSON.stringify(value, (_, member: Json) => (isSealed(member) ? sealed(member) : member));
