import type { TSchema } from 'typebox';
import type { Json, JsonObject } from '../../kernel/json';
import type { PublicType } from '../../words/contracts/define-contract';

/** What readers of a schema look at. */
export interface SchemaView {
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly Json[];
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: SchemaView;
  readonly properties?: Readonly<Record<string, SchemaView>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaView;
}

export const viewOf = (schema: TSchema): SchemaView => schema as SchemaView;

/** The schema of a type as a document of its own. */
export const schemaDocumentOf = ({ type, when, schema }: PublicType): JsonObject => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: type,
  description: when,
  ...(schema as unknown as JsonObject),
});

/** A value of the schema, made of the examples of its members. */
export function exampleOf({ examples, enum: values, items, properties = {} }: SchemaView): Json {
  const [example] = examples ?? values ?? [];
  if (example !== undefined) return example;
  if (items) return [exampleOf(items)];
  return Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, exampleOf(member)]));
}
