import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsString, Length, Matches, MaxLength, ValidateBy } from 'class-validator';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Text } from '../kernel/http/decorators';
import { normaliseSku, normaliseSlug } from '../kernel/normalise';
import { CATEGORY, Description, LIMITS, LINES, ONE_LINE, Options, SKU, SLUG } from './catalog.events';

const matching = (pattern: string) => new RegExp(pattern, 'u');

/** Text of one line, 1 to `max` UTF-16 code units; white space at its ends is cut off first. */
export const OneLine = (options: { max: number; example?: string }) =>
  applyDecorators(Text(options), Matches(matching(ONE_LINE), { message: '$property must be one line of text' }));

const normalised = (normalise: (text: string) => string) =>
  Transform(({ value }) => (typeof value === 'string' ? normalise(value) : (value as unknown)));

/** Text of several lines, 0 to `max` UTF-16 code units; every kind of line break becomes LF. */
export const Lines = ({ max, example }: { max: number; example?: string }) =>
  applyDecorators(
    ApiProperty({ type: 'string', maxLength: max, ...(example === undefined ? {} : { example }) }),
    normalised((text) => text.replace(/\r\n?/g, '\n')),
    IsString(),
    MaxLength(max),
    Matches(matching(LINES), { message: '$property must not contain control characters' }),
  );

export const Slug = () =>
  applyDecorators(
    ApiProperty({ type: 'string', minLength: 1, maxLength: LIMITS.slug, example: 'stoneware-mug' }),
    normalised(normaliseSlug),
    IsString(),
    Length(1, LIMITS.slug),
    Matches(matching(SLUG), { message: '$property must be words of letters and digits with - between them' }),
  );

export const Sku = () =>
  applyDecorators(
    ApiProperty({ type: 'string', minLength: 1, maxLength: LIMITS.sku, example: 'MUG-RED' }),
    normalised(normaliseSku),
    IsString(),
    Length(1, LIMITS.sku),
    Matches(matching(SKU), { message: '$property must be letters A to Z and digits, with . _ / - between them' }),
  );

export const CategoryPath = () =>
  applyDecorators(
    ApiProperty({
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: LIMITS.category },
      minItems: 1,
      maxItems: LIMITS.categoryDepth,
      example: ['Kitchen', 'Mugs'],
    }),
    Matches(matching(CATEGORY), { each: true, message: 'each category must be one line of text without /' }),
    Length(1, LIMITS.category, { each: true }),
    IsString({ each: true }),
    ArrayMinSize(1),
    ArrayMaxSize(LIMITS.categoryDepth),
    IsArray(),
  );

/** `class-validator` has no maps: the schema of the event says what one may hold. */
const matchesSchema = (name: string, schema: TSchema, message: string) => {
  let compiled: ReturnType<typeof Compile> | undefined;
  return ValidateBy({
    name,
    validator: { validate: (value) => (compiled ??= Compile(schema)).Check(value), defaultMessage: () => message },
  });
};

/** `{ colour: 'red' }`. */
export const OptionsOfVariant = () =>
  applyDecorators(
    ApiProperty({
      type: 'object',
      maxProperties: LIMITS.options,
      additionalProperties: { type: 'string', minLength: 1, maxLength: LIMITS.optionValue },
      example: { colour: 'red', size: 'L' },
    }),
    matchesSchema(
      'options',
      Options,
      `$property must be at most ${LIMITS.options} texts of at most ${LIMITS.optionValue} characters by name`,
    ),
  );

/** `{ material: ['stoneware'] }`. */
export const Attributes = () =>
  applyDecorators(
    ApiProperty({
      type: 'object',
      maxProperties: LIMITS.attributes,
      additionalProperties: {
        type: 'array',
        items: { type: 'string', minLength: 1, maxLength: LIMITS.attributeValue },
        minItems: 1,
        maxItems: LIMITS.attributeValues,
      },
      example: { material: ['stoneware'] },
    }),
    matchesSchema(
      'attributes',
      Description.properties.attributes,
      `$property must be at most ${LIMITS.attributes} lists, by name, of 1 to ${LIMITS.attributeValues} texts of at most ` +
        `${LIMITS.attributeValue} characters`,
    ),
  );
