import type { OpenApi, Schema } from './built-openapi';

/** An operation that takes a body: a body that its schema takes, and the places of the texts in it. */
export interface BodyOperation {
  /** `POST /api/orders`. */
  readonly operation: string;
  readonly body: Json;
  readonly texts: readonly TextPlace[];
}

export interface TextPlace {
  readonly path: readonly (string | number)[];
  readonly maxLength: number;
}

export type Json = Record<string, unknown>;

/** Characters of a text that its schema sets no limit to, being one of few, or of a pattern. */
const UNLIMITED = 60;

/** Every operation that takes a JSON body, from the reference. */
export function bodyOperations(api: OpenApi): BodyOperation[] {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, { requestBody }]) => {
      const schema = requestBody?.content['application/json']?.schema;
      if (!schema) return [];
      const texts: TextPlace[] = [];
      const body = exampleOf(api, schema, [], texts) as Json;
      return [{ operation: `${method.toUpperCase()} ${path}`, body, texts }];
    }),
  );
}

/** A body that the operation takes; null: it takes none. */
export const bodyFor = (api: OpenApi, method: string, path: string): BodyOperation | null =>
  bodyOperations(api).find(({ operation }) => operation === `${method} ${path}`) ?? null;

function exampleOf(api: OpenApi, written: Schema, path: readonly (string | number)[], texts: TextPlace[]): unknown {
  const schema = resolved(api, written);
  if (schema.properties)
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, member]) => [name, exampleOf(api, member, [...path, name], texts)]),
    );
  if (schema.type === 'array') return [exampleOf(api, schema.items!, [...path, 0], texts)];
  if (typeof schema.additionalProperties === 'object')
    return { key: exampleOf(api, schema.additionalProperties, [...path, 'key'], texts) };
  if (schema.type === 'boolean') return false;
  if (schema.type === 'integer' || schema.type === 'number') return schema.example ?? Math.max(schema.minimum ?? 1, 1);
  texts.push({ path, maxLength: schema.maxLength ?? UNLIMITED });
  if (schema.enum) return schema.enum[0];
  if (schema.format === 'uuid') return '0198c0de-0000-7000-8000-000000000001';
  return schema.example ?? 'a'.repeat(Math.max(schema.minLength ?? 1, 1));
}

function resolved(api: OpenApi, schema: Schema): Schema {
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => resolved(api, part)), schema) as Schema;
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : resolved(api, api.components.schemas[name]!);
}

/** A copy of the body in which another value is at the place; the members and items on the way are made where they are missing. */
export function withValue(body: Json, path: readonly (string | number)[], value: unknown): Json {
  const copy = structuredClone(body);
  let at: Record<string | number, unknown> = copy;
  for (const [n, part] of path.slice(0, -1).entries())
    at = (at[part] ??= typeof path[n + 1] === 'number' ? [] : {}) as Record<string | number, unknown>;
  at[path.at(-1)!] = value;
  return copy;
}
