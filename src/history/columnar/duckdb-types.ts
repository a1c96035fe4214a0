import type { TSchema } from 'typebox';

/** What a column of a typed view holds, as DuckDB reads it out of JSON. */
export type ColumnShape =
  | 'VARCHAR'
  | 'BIGINT'
  | 'DOUBLE'
  | 'BOOLEAN'
  | 'JSON'
  | readonly [ColumnShape]
  | { readonly [member: string]: ColumnShape };

/** The members of the schemas that are looked at (JSON Schema 2020-12). */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly personal?: string;
}

const PSEUDONYM: ColumnShape = { pseudonym: 'VARCHAR', purpose: 'VARCHAR', kind: 'VARCHAR' };

/** Sealed values are pseudonyms there; members that a schema does not name are JSON. */
export const shapeOf = (schema: TSchema): ColumnShape => shape(schema as Schema);

function shape({ personal, anyOf, enum: values, const: value, type, items, properties = {} }: Schema): ColumnShape {
  if (personal !== undefined) return PSEUDONYM;
  if (anyOf) return common(anyOf.map(shape));
  if (values) return common(values.map(shapeOfValue));
  if (value !== undefined) return shapeOfValue(value);
  switch (type) {
    case 'string':
      return 'VARCHAR';
    case 'integer':
      return 'BIGINT';
    case 'number':
      return 'DOUBLE';
    case 'boolean':
      return 'BOOLEAN';
    case 'array':
      return items ? [shape(items)] : 'JSON';
    case 'object':
      return Object.keys(properties).length > 0
        ? Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, shape(member)]))
        : 'JSON';
    default:
      return 'JSON';
  }
}

function shapeOfValue(value: unknown): ColumnShape {
  if (typeof value === 'string') return 'VARCHAR';
  if (typeof value === 'boolean') return 'BOOLEAN';
  return Number.isInteger(value) ? 'BIGINT' : 'JSON';
}

/** Of alternatives: what all of them are, or else JSON. */
function common(shapes: readonly ColumnShape[]): ColumnShape {
  const [first = 'JSON'] = shapes;
  return shapes.every((other) => JSON.stringify(other) === JSON.stringify(first)) ? first : 'JSON';
}
