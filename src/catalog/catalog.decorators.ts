import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { TSchema } from 'typebox';
import { Fits, TextOf } from '../kernel/http/text.decorators';
import { normaliseSku, normaliseSlug } from '../kernel/normalise';
import { Description, LIMITS, Options, Variant } from './catalog.events';

/** Text of one line; white space at its ends is cut off first. */
export const OneLine = (schema: TSchema, { example }: { example?: string } = {}) =>
  TextOf(schema, { example, what: 'one line of text' });

/** Text of several lines; every kind of line break becomes LF. */
export const Lines = (schema: TSchema, { example }: { example?: string } = {}) =>
  TextOf(schema, { example, normalise: (text) => text.replace(/\r\n?/g, '\n') });

export const Slug = () =>
  TextOf(Description.properties.slug, {
    example: 'stoneware-mug',
    normalise: normaliseSlug,
    what: 'words of letters and digits with - between them,',
  });

export const Sku = () =>
  TextOf(Variant.properties.sku, {
    example: 'MUG-RED',
    normalise: normaliseSku,
    what: 'letters A to Z and digits, with . _ / - between them,',
  });

export const CategoryPath = () =>
  applyDecorators(
    ApiProperty({
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: LIMITS.category },
      minItems: 1,
      maxItems: LIMITS.categoryDepth,
      example: ['Kitchen', 'Mugs'],
    }),
    Fits(
      Description.properties.categoryPath,
      `a list of 1 to ${LIMITS.categoryDepth} texts of one line, without /, of 1 to ${LIMITS.category} characters`,
    ),
  );

/** `{ colour: 'red' }`. */
export const OptionsOfVariant = () =>
  applyDecorators(
    ApiProperty({
      type: 'object',
      maxProperties: LIMITS.options,
      additionalProperties: { type: 'string', minLength: 1, maxLength: LIMITS.optionValue },
      example: { colour: 'red', size: 'L' },
    }),
    Fits(Options, `at most ${LIMITS.options} texts of at most ${LIMITS.optionValue} characters by name`),
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
    Fits(
      Description.properties.attributes,
      `at most ${LIMITS.attributes} lists, by name, of 1 to ${LIMITS.attributeValues} texts of at most ` +
        `${LIMITS.attributeValue} characters`,
    ),
  );
