import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsString, Matches, ValidateBy, type ValidationOptions } from 'class-validator';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/*
 * Texts of request bodies and queries. A character is a Unicode code point, as in JSON Schema (2020-12 validation, 6.3.1), in the
 * reference and in the schemas of events. class-validator's own lengths leave variation selectors out, so that a text that passes
 * may be longer than its event takes.
 */

/** Text of `min` (default 0) to `max` characters. */
export const Characters = ({ min = 0, max }: { min?: number; max: number }, options?: ValidationOptions) =>
  applyDecorators(
    // What is said of a list is not said of its items.
    ...(options?.each ? [] : [ApiProperty(lengths(min, max))]),
    ValidateBy(
      {
        name: 'characters',
        validator: {
          validate: (value) => typeof value === 'string' && hasCharacters(value, min, max),
          defaultMessage: () => `${options?.each ? 'each item' : '$property'} must have ${span(min, max)} characters`,
        },
      },
      options,
    ),
  );

const lengths = (minLength: number, maxLength: number) => ({ ...(minLength > 0 ? { minLength } : {}), maxLength });

function hasCharacters(text: string, min: number, max: number): boolean {
  // A character is one or two code units: most texts need not be counted.
  if (text.length < min || text.length > 2 * max) return false;
  if (text.length >= 2 * min && text.length <= max) return true;
  const characters = Array.from(text).length;
  return characters >= min && characters <= max;
}

const span = (min: number, max: number) => (min === 0 ? `at most ${max}` : `${min} to ${max}`);

/** What the schema of an event says that it may be. `what`: `one line of text`. */
export const Fits = (schema: TSchema, what: string) => {
  let compiled: ReturnType<typeof Compile> | undefined;
  return ValidateBy({
    name: 'fits',
    validator: {
      validate: (value) => (compiled ??= Compile(schema)).Check(value),
      defaultMessage: () => `$property must be ${what}`,
    },
  });
};

/** Some change of what is no text is left to the checks that follow. */
export const Normalised = (normalise: (text: string) => string) =>
  Transform(({ value }) => (typeof value === 'string' ? normalise(value) : (value as unknown)));

/** No C0 controls but line breaks and tabs, no DEL: nothing that a terminal, a CSV or a PDF would take for a command. */
const PRINTABLE = /^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$/;

interface StoredText {
  readonly example?: string;
  /** What is done to a text before it is checked, and stored; default: white space at its ends is cut off. */
  readonly normalise?: (text: string) => string;
  /** `one line of text`. */
  readonly what?: string;
}

/** A text as an event stores it: how long and what it may be is said by that field's schema alone. */
export const TextOf = (
  schema: TSchema,
  { example, normalise = (text) => text.trim(), what = 'text' }: StoredText = {},
) => {
  const { minLength = 0, maxLength } = schema as { readonly minLength?: number; readonly maxLength?: number };
  if (maxLength === undefined) throw new Error('A text that clients send has an end: its schema needs a maxLength.');
  return applyDecorators(
    ApiProperty({ type: 'string', ...lengths(minLength, maxLength), ...(example === undefined ? {} : { example }) }),
    Normalised(normalise),
    IsString(),
    Matches(PRINTABLE, { message: '$property must not contain control characters' }),
    Fits(schema, `${what} of ${span(minLength, maxLength)} characters`),
  );
};
