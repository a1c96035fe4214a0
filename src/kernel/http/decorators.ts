import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsEmail,
  IsISO31661Alpha2,
  Matches,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import Type, { type TArray, type TString } from 'typebox';
import { emailAddress } from '../text/email-address';
import type { TextKind } from '../text/text-kinds';
import { Of } from './of.decorator';
import { isPlain, Nested } from './shape';
import { Normalised } from './text.decorators';
import { UUID_PATTERN } from './uuid';

/*
 * Properties of request bodies. class-validator alone accepts 1e308 as an integer, a list where one object is expected, and
 * a list of lists where a list of objects is.
 */

/** It may be left out. It may not be null: class-validator's own @IsOptional() lets null through as a value of any type. */
export const OptionalMember = () =>
  applyDecorators(
    ApiPropertyOptional(),
    ValidateIf((_, value) => value !== undefined),
  );

/** A UUID; in lower case from here on. */
export const Uuid = () =>
  applyDecorators(
    ApiProperty({ type: 'string', format: 'uuid' }),
    Normalised((text) => text.toLowerCase()),
    Matches(UUID_PATTERN, { message: '$property must be a UUID' }),
  );

/** Text of `min` (default 1) to `max` characters, of one line unless its kind is another. */
export const Text = ({ min = 1, max, ...wording }: { min?: number; max: number; example?: string; kind?: TextKind }) =>
  Of(Type.String({ minLength: min, maxLength: max }), wording);

/** An e-mail address, as an event stores it. */
export const EmailAddress = (schema: TString) =>
  applyDecorators(
    IsEmail({}, { message: '$property must be an email' }),
    Of(schema, { example: 'ada@example.org', kind: emailAddress }),
  );

const NO_COUNTRY = '$property must be a country as two letters (ISO 3166-1 alpha-2)';

/** ISO 3166-1 alpha-2: `DE`; in upper case from here on. */
export const Country = () =>
  applyDecorators(
    ApiProperty({ type: 'string', pattern: '^[A-Za-z]{2}$', example: 'DE' }),
    // Two letters of the alphabet alone: in upper case, ß is the two of South Sudan.
    Normalised((text) => (/^[a-z]{2}$/i.test(text) ? text.toUpperCase() : text)),
    Matches(/^[A-Z]{2}$/, { message: NO_COUNTRY }),
    IsISO31661Alpha2({ message: NO_COUNTRY }),
  );

const IsPlain = (each: boolean) =>
  ValidateBy(
    {
      name: 'isPlain',
      validator: {
        validate: isPlain,
        defaultMessage: () => (each ? 'each item must be an object' : '$property must be an object'),
      },
    },
    { each },
  );

/*
 * Swagger takes a function for a reference, and not for a class, by its name: `type`. Hence `type: () => dto()`.
 */

/** One object of a class of its own. */
export const PlainObject = (dto: () => new () => object) =>
  applyDecorators(ApiProperty({ type: () => dto() }), Nested(dto), ValidateNested(), IsPlain(false));

interface Bounds {
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** A list of objects of one class: as many (from 0) as the schema of an event's list takes, or as is stated. */
export const ListOf = (dto: () => new () => object, bounds: TArray | Required<Bounds>) => {
  const { minItems = 0, maxItems } = bounds as Bounds;
  if (maxItems === undefined) throw new Error('A list that clients send has an end: it needs maxItems.');
  return applyDecorators(
    ApiProperty({ type: () => dto(), isArray: true, minItems, maxItems }),
    Nested(dto),
    ValidateNested({ each: true }),
    IsPlain(true),
    ArrayMinSize(minItems),
    ArrayMaxSize(maxItems),
    IsArray(),
  );
};
