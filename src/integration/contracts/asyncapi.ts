import type { JsonObject } from '../../kernel/json';
import { attributes } from './attributes';
import type { PublicContract, PublicType } from '../../words/contracts/define-contract';
import { publicContracts, topicOf } from './public-contract';
import { exampleOf, viewOf } from './schema-document';

const BINDINGS = '0.5.0';
const CLOUD_EVENT = 'cloudEvent';

/** The topics, with everything in them, as AsyncAPI 3.0 (https://www.asyncapi.com/docs/reference/specification/v3.0.0). */
export const asyncApiDocument = (prefix: string, version: string): JsonObject => ({
  asyncapi: '3.0.0',
  info: {
    title: 'Chronocart: public events',
    version,
    description: [
      'What happens in the shop, as CloudEvents 1.0 in binary mode. At least once, in order per key, every event of a key',
      'with the next sequence. Read with isolation level read_committed.',
      `Topics begin with the prefix of the shop, \`${prefix}\` unless KAFKA_PREFIX says otherwise.`,
    ].join(' '),
  },
  defaultContentType: 'application/json',
  channels: byContext((contract) => channelOf(prefix, contract)),
  operations: byContext(operationOf),
  components: {
    messages: Object.fromEntries(
      publicContracts.flatMap(({ types }) =>
        [...types.values()].map((publicType) => [publicType.type, messageOf(publicType)]),
      ),
    ),
    messageTraits: { [CLOUD_EVENT]: cloudEventTrait() },
  },
});

/** The file docs/integration/asyncapi.json, whole. */
export const asyncApiText = (prefix: string, version: string): string =>
  `${JSON.stringify(asyncApiDocument(prefix, version), null, 2)}\n`;

const byContext = (of: (contract: PublicContract) => JsonObject): JsonObject =>
  Object.fromEntries(publicContracts.map((contract) => [contract.context, of(contract)]));

const ref = (...parts: string[]): JsonObject => ({ $ref: `#/${parts.join('/')}` });

const namesOf = ({ types }: PublicContract): string[] => [...types.values()].map(({ name }) => name);

function channelOf(prefix: string, contract: PublicContract): JsonObject {
  const messages = [...contract.types.values()].map(({ name, type }) => [name, ref('components', 'messages', type)]);
  return {
    address: topicOf(prefix, contract),
    title: contract.title,
    description: contract.description,
    messages: Object.fromEntries(messages) as JsonObject,
  };
}

/** Seen from the shop, as AsyncAPI sees it: the shop sends, integrators receive. */
const operationOf = (contract: PublicContract): JsonObject => ({
  action: 'send',
  summary: `Publishes what happens: ${contract.title.toLowerCase()}.`,
  channel: ref('channels', contract.context),
  messages: namesOf(contract).map((name) => ref('channels', contract.context, 'messages', name)),
});

const messageOf = ({ name, type, when, schema }: PublicType): JsonObject => ({
  name: type,
  title: name,
  summary: when,
  traits: [ref('components', 'messageTraits', CLOUD_EVENT)],
  // Of JSON Schema, only what draft 7 and 2020-12 say alike is used, so that the default format of AsyncAPI holds.
  payload: schema as unknown as JsonObject,
  examples: [{ payload: exampleOf(viewOf(schema)) as JsonObject }],
});

function cloudEventTrait(): JsonObject {
  const properties = attributes.map(({ header, meaning, example }) => [
    header,
    { type: 'string', description: meaning, examples: [example] },
  ]);
  return {
    contentType: 'application/json',
    headers: {
      type: 'object',
      required: attributes.filter(({ optional }) => !optional).map(({ header }) => header),
      properties: Object.fromEntries(properties) as JsonObject,
    },
    bindings: {
      kafka: { key: { type: 'string', description: 'Id of the subject.' }, bindingVersion: BINDINGS },
    },
  };
}
