import Type, { type Static, type TObject, type TProperties, type TSchema, type TUnsafe } from 'typebox';

/*
 * The words that public schemas are written in. A schema says what a member means and states no limit that might be raised: who
 * reads by the old schema would refuse what is within the new one. Every member has an example: the pages show events with them.
 */

export const text = (description: string, ...examples: string[]) => Type.String({ description, examples });

/** One of a list that may grow: readers must take values that they do not know. */
export const code = (description: string, ...known: string[]) =>
  text(`${description} One of ${known.map((value) => `\`${value}\``).join(', ')}; more may come.`, ...known);

export const wholeNumber = (description: string, example: number, least?: number) =>
  Type.Integer({ description, examples: [example], ...(least === undefined ? {} : { minimum: least }) });

export const time = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-06-01T12:15:00.000Z'] });

export const list = <S extends TSchema>(of: S, description: string) => Type.Array(of, { description });

/** Every shape by its name: the page describes each once, and events refer to it. */
export const shapes = new Map<string, TObject>();

/** An object that several events have in them. */
export function shape<P extends TProperties>(
  title: string,
  description: string,
  members: P,
  options: { readonly examples?: readonly object[] } = {},
): TObject<P> {
  const schema = Type.Object(members, { title, description, ...options });
  shapes.set(title, schema);
  return schema;
}

/** A shape in a place where there is more to say about it. */
export const described = <S extends TSchema>(schema: S, description: string): S => ({ ...schema, description });

/** An object whose names are not known beforehand. */
export const mapOf = <S extends TSchema>(
  values: S,
  description: string,
  example: Record<string, Static<S>>,
): TUnsafe<Record<string, Static<S>>> =>
  Type.Unsafe<Record<string, Static<S>>>({
    type: 'object',
    additionalProperties: values,
    description,
    examples: [example],
  });
