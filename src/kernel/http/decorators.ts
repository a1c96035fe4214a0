import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsISO31661Alpha2,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import Type from 'typebox';
import { isPlain, Nested } from './shape';
import { Normalised, TextOf } from './text.decorators';
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

const MAX_QUANTITY = 10_000;

/** A whole number of things, 1 to 10,000. */
export const Quantity = () => integer({ min: 1, max: MAX_QUANTITY, example: 2 });

/** An amount of money in minor units (cents): 0 to 2^53-1. */
export const AmountMinor = () => integer({ min: 0, max: Number.MAX_SAFE_INTEGER, example: 1999 });

/** A whole number from `min` to `max`, both within ±(2^53-1). */
export const integer = ({ min, max, example }: { min: number; max: number; example?: number }) =>
  applyDecorators(
    ApiProperty({ type: 'integer', minimum: min, maximum: max, ...(example === undefined ? {} : { example }) }),
    IsInt(),
    Min(min),
    Max(max),
  );

/** ISO 4217: three capital letters. */
export const Currency = () =>
  applyDecorators(
    ApiProperty({ type: 'string', pattern: '^[A-Z]{3}$', example: 'EUR' }),
    Matches(/^[A-Z]{3}$/, { message: '$property must be a currency as three capital letters (ISO 4217)' }),
  );

/** A UUID; in lower case from here on. */
export const Uuid = () =>
  applyDecorators(
    ApiProperty({ type: 'string', format: 'uuid' }),
    Normalised((text) => text.toLowerCase()),
    Matches(UUID_PATTERN, { message: '$property must be a UUID' }),
  );

/** Text of `min` (default 1) to `max` characters; white space at its ends is cut off first. */
export const Text = ({ min = 1, max, example }: { min?: number; max: number; example?: string }) =>
  TextOf(Type.String({ minLength: min, maxLength: max }), { example });

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

/** A list of `min` (default 0) to `max` objects of one class. */
export const ListOf = (dto: () => new () => object, { min = 0, max }: { min?: number; max: number }) =>
  applyDecorators(
    ApiProperty({ type: () => dto(), isArray: true, minItems: min, maxItems: max }),
    Nested(dto),
    ValidateNested({ each: true }),
    IsPlain(true),
    ArrayMinSize(min),
    ArrayMaxSize(max),
    IsArray(),
  );
