import type { Json } from '../../kernel/json';
import { attributes } from './attributes';
import type { PublicContract, PublicType } from '../../words/contracts/define-contract';
import { publicContracts, SCHEMAS_PATH, topicOf } from './public-contract';
import { exampleOf, viewOf, type SchemaView } from './schema-document';
import { shapes } from '../../words/contracts/schema-words';

const LINE_WIDTH = 100;

/** The page docs/integration/events.md, whole. */
export const eventsPage = (prefix: string): string =>
  [
    ...introduction(prefix),
    ...publicContracts.flatMap((contract) => topicSection(prefix, contract)),
    ...shapesSection(),
  ].join('\n');

const introduction = (prefix: string): string[] => [
  '# Events for integrators',
  '',
  'Everything that happens to orders, carts, stock and products, in Kafka, as it happens.',
  '',
  table(
    ['Topic', 'Key', 'Holds'],
    publicContracts.map((contract) => [
      link(code(topicOf(prefix, contract)), contract.title),
      `\`${keyOf(contract)}\``,
      contract.description,
    ]),
  ),
  '',
  `\`${prefix}\` is the prefix that \`KAFKA_PREFIX\` sets. The same as AsyncAPI 3.0: [asyncapi.json](asyncapi.json).`,
  '',
  '## What you can rely on',
  '',
  '- **At least once.** Nothing is left out. Should an event come twice, it has the same `ce_id` and the same `ce_sequence`.',
  '  Read with `isolation.level=read_committed`: what was not committed is not there.',
  '- **In order per key.** All events of one order, cart, variant or product are in one partition, in the order in which they',
  '  happened. Between keys, and between topics, there is no order.',
  '- **Without a gap.** `ce_sequence` of a key is 1, 2, 3, …: every event of it has a public counterpart, so a consumer that has',
  '  seen 1 to n has seen all of them, and one that meets a gap has lost something (or came after the topic’s retention).',
  '- **No names, no addresses.** People are ids (pseudonyms). Names, e-mail addresses, telephone numbers, streets, postcodes,',
  '  means of payment and free text of the staff are never published: ask the API for them, where you may.',
  '- **The value is never empty.** Where all is said by the type, it is an object with the id of the subject.',
  '',
  '## What you must do',
  '',
  '- Pass over members, headers and types that you do not know: new ones come without notice.',
  '- Take values that you do not know where a member says that more may come.',
  '- Compare ids and sequences as text, and read nothing out of an id.',
  '- Amounts are whole numbers of minor units (cents) with their currency.',
  '',
  '## Versions',
  '',
  'A type is for ever: the schema of `….v1` may gain optional members, and nothing else about it changes. What can’t be said that',
  'way makes a new topic, `….events.v2`, beside the old one: in it the types that changed are `….v2`, the others are what they',
  'were, and it holds the whole history with the same `ce_id` and `ce_sequence`. Both are published until the changelog says that',
  'the old one ends; a consumer changes over when it likes, at the sequence that it has come to.',
  '',
  '## Headers',
  '',
  'Records are [CloudEvents 1.0](https://cloudevents.io) in binary mode: the headers say what the event is, the value is its data',
  `as JSON. Schemas are served without a token: \`GET /${SCHEMAS_PATH}\` lists them.`,
  '',
  table(
    ['Header', 'Meaning', 'Example'],
    attributes.map(({ header, meaning, example }) => [code(header), meaning, code(example)]),
  ),
  '',
];

const topicSection = (prefix: string, contract: PublicContract): string[] => [
  `## ${contract.title}`,
  '',
  `Topic \`${topicOf(prefix, contract)}\`, key \`${keyOf(contract)}\`. ${contract.description}`,
  '',
  table(
    ['Event', 'When'],
    [...contract.types.values()].map(({ name, type, when }) => [`[\`${name}\`](#${anchorOf(type)})`, when]),
  ),
  '',
  ...[...contract.types.values()].flatMap(typeSection),
];

const typeSection = ({ type, when, schema }: PublicType): string[] => [
  `### ${type}`,
  '',
  when,
  '',
  membersTable(viewOf(schema)),
  '',
  ...(Object.keys(schema.properties).length > 1 ? exampleBlock(viewOf(schema)) : []),
];

const exampleBlock = (schema: SchemaView): string[] => ['```json', laidOut(exampleOf(schema)), '```', ''];

/** JSON in which whatever fits into a line stands in one. */
function laidOut(value: Json, indent = ''): string {
  const line = JSON.stringify(value, null, 1).replace(/\n */g, ' ');
  if (typeof value !== 'object' || value === null || indent.length + line.length <= LINE_WIDTH) return line;
  const inner = `${indent}  `;
  const members = Array.isArray(value)
    ? value.map((item: Json) => laidOut(item, inner))
    : Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${laidOut(member as Json, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${inner}${members.join(`,\n${inner}`)}\n${indent}${close}`;
}

const shapesSection = (): string[] => [
  '## Shapes',
  '',
  'What several events have in them.',
  '',
  ...[...shapes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([title, schema]) => [
      `### ${title}`,
      '',
      viewOf(schema).description ?? '',
      '',
      membersTable(viewOf(schema)),
      '',
    ]),
];

const membersTable = ({ properties = {}, required = [] }: SchemaView): string =>
  table(
    ['Member', 'Type', 'Meaning'],
    Object.entries(properties).map(([name, member]) => [
      `\`${name}\`${required.includes(name) ? '' : ' (optional)'}`,
      typeNameOf(member),
      member.description ?? '',
    ]),
  );

function typeNameOf({ title, type, enum: values, items, additionalProperties }: SchemaView): string {
  if (title !== undefined) return link(title, title);
  if (values) return values.map((value) => code(JSON.stringify(value))).join(' or ');
  if (items) return `list of ${typeNameOf(items)}`;
  if (additionalProperties) return `object of ${typeNameOf(additionalProperties)}`;
  return type ?? '';
}

const keyOf = ({ types }: PublicContract): string => {
  const [first] = types.values();
  return Object.keys(first?.schema.properties ?? {})[0] ?? '';
};

const code = (text: string): string => `\`${text}\``;
const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll('.', '').replaceAll(' ', '-');
const link = (text: string, heading: string): string => `[${text}](#${anchorOf(heading)})`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
