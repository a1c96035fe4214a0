import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy, type ValidationOptions } from 'class-validator';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { complaintIn, spelled, type TextKind } from '../text/text-kinds';
import { isForbidden } from './body-guard';
import { isPlain } from './shape';

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

/** `1 to 200`. */
export const span = (min: number, max: number) => (min === 0 ? `at most ${max}` : `${min} to ${max}`);

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

/** Each text in the value is spelled as its kind is, names of members too, and refused where the kind refuses it. */
export const Spelled = (kind: TextKind) =>
  applyDecorators(
    Transform(({ value }) => spelled(value, kind)),
    ValidateBy({
      name: 'spelled',
      validator: {
        validate: (value) => complaintOf(value, kind) === null,
        defaultMessage: (args) => `$property ${complaintOf(args?.value, kind)}`,
      },
    }),
  );

/** A name that was spelled otherwise when the body was looked at may be one that no object has. */
const complaintOf = (value: unknown, kind: TextKind): string | null =>
  isPlain(value) && Object.keys(value).some(isForbidden)
    ? 'must not have names that every object has'
    : complaintIn(value, kind);

/** Some change of what is no text is left to the checks that follow. */
export const Normalised = (normalise: (text: string) => string) =>
  Transform(({ value }) => (typeof value === 'string' ? normalise(value) : (value as unknown)));
