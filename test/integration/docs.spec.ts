import schema from '@asyncapi/specs/schemas/3.0.0.json';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { variables } from '#src/config-variables';
import { docs } from '#src/app/docs';
import { asyncApiDocument, asyncApiText } from '#src/integration/contracts/asyncapi';
import { eventsPage } from '#src/integration/contracts/events-page';
import { publicContracts } from '#src/integration/contracts/public-contract';
import { exampleOf, schemaDocumentOf, viewOf } from '#src/integration/contracts/schema-document';
import type { Json, JsonObject } from '#src/kernel/json';

const prefix = variables.kafkaPrefix.fallback as string;
const fileOf = (name: string): string => readFileSync(join(__dirname, '../../docs/integration', name), 'utf8');
const document = asyncApiDocument(prefix, docs.version);
const types = publicContracts.flatMap(({ types }) => [...types.values()]);

describe('docs/integration (else run: node scripts/docs.mjs)', () => {
  it('has the page of events', () => expect(fileOf('events.md')).toBe(eventsPage(prefix)));
  it('has the AsyncAPI document', () => expect(fileOf('asyncapi.json')).toBe(asyncApiText(prefix, docs.version)));
});

describe('the page of events', () => {
  const page = eventsPage(prefix);

  it('has every type and every topic', () => {
    for (const { type } of types) expect(page).toContain(`### ${type}\n`);
    for (const { context } of publicContracts) expect(page).toContain(`\`${prefix}.${context}.events.v1\``);
  });

  it('links to headings that it has', () => {
    const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase());
    const anchors = new Set(headings.map((heading) => heading.replaceAll(' ', '-').replaceAll('.', '')));
    for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
  });
});

describe('the AsyncAPI document', () => {
  it('is valid by the schema of AsyncAPI 3.0', () => {
    // The schema brings the schema of draft 7 along.
    const ajv = new Ajv({ meta: false, validateSchema: false, strict: false, validateFormats: false });
    const valid = ajv.compile(schema);
    expect({ valid: valid(document), errors: valid.errors }).toEqual({ valid: true, errors: null });
  });

  it('refers to what it has', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) =>
      path.split('/'),
    );
    expect(refs.length).toBeGreaterThan(types.length);
    for (const path of refs) {
      const target = path.reduce<Json | undefined>(
        (value, name) => (value as JsonObject | undefined)?.[name],
        document,
      );
      expect({ path, found: target !== undefined }).toEqual({ path, found: true });
    }
  });
});

describe.each(types.map((publicType) => [publicType.type, publicType] as const))(
  'the schema of %s',
  (_, publicType) => {
    const ajv = new Ajv2020({ strict: true, formats: { 'date-time': true } });
    const schema = schemaDocumentOf(publicType);
    const example = exampleOf(viewOf(publicType.schema)) as JsonObject;

    it('is JSON Schema 2020-12 with a meaning for every member', () => {
      expect(ajv.validateSchema(schema as object)).toBe(true);
      expect(withoutMeaning(schema)).toEqual([]);
    });

    it('holds for its own example', () => {
      const validate = ajv.compile(schema as object);
      expect({ valid: validate(example), errors: validate.errors }).toEqual({ valid: true, errors: null });
    });

    it('lets members come that it does not name', () => {
      expect(ajv.compile(schema as object)({ ...example, giftWrapped: true })).toBe(true);
    });
  },
);

/** Members, at any depth, of which the schema does not say what they mean. */
function withoutMeaning(schema: JsonObject, at = ''): string[] {
  const members = Object.entries((schema['properties'] ?? {}) as Record<string, JsonObject>);
  const items = schema['items'] as JsonObject | undefined;
  return [
    ...members.flatMap(([name, member]) => [
      ...(member['description'] ? [] : [`${at}/${name}`]),
      ...withoutMeaning(member, `${at}/${name}`),
    ]),
    ...(items ? withoutMeaning(items, `${at}[]`) : []),
  ];
}
