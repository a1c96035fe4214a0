import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { spelled, type TextKind } from '../text/text-kinds';
import { Characters } from './text.decorators';
import { UUID_PATTERN } from './uuid';

/*
 * Properties of query classes, all optional. What is not written exactly as stated stays text, and is refused by the check
 * that follows: nothing is guessed ('' is not 0, 'yes' is not true).
 */

const optional = (schema: Parameters<typeof ApiPropertyOptional>[0], convert: (value: unknown) => unknown) =>
  applyDecorators(
    ApiPropertyOptional(schema),
    IsOptional(),
    Transform(({ value }) => convert(value)),
  );

/** `?limit=20`: a whole number from `min` to `max`, in decimal digits. */
export const QueryInteger = ({ min, max, ...schema }: { min: number; max: number; default?: number }) =>
  applyDecorators(
    optional({ type: 'integer', minimum: min, maximum: max, ...schema }, (value) =>
      typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value,
    ),
    IsInt(),
    Min(min),
    Max(max),
  );

/** `?inStock=true`: `true` or `false`. */
export const QueryFlag = () =>
  applyDecorators(
    optional({ type: 'boolean' }, (value) => (value === 'true' ? true : value === 'false' ? false : value)),
    IsBoolean(),
  );

interface QueryTextOptions {
  readonly max: number;
  /** How it is spelled from here on; default: as it was sent. */
  readonly kind?: TextKind;
}

/** `?q=mug`: text of at most `max` characters, stated once. */
export const QueryText = ({ max, kind }: QueryTextOptions) =>
  applyDecorators(
    optional({ type: 'string', maxLength: max }, (value) => (kind ? spelled(value, kind) : value)),
    IsString(),
    Characters({ max }),
  );

/** `?seller=…`: a UUID; in lower case from here on. */
export const QueryUuid = () =>
  applyDecorators(
    optional({ type: 'string', format: 'uuid' }, (value) => (typeof value === 'string' ? value.toLowerCase() : value)),
    Matches(UUID_PATTERN, { message: '$property must be a UUID' }),
  );

/** `?brand=a&brand=b`: a list of at most `most` texts of at most `max` characters; one alone is a list of one. */
export const QueryList = ({ max, most, kind }: QueryTextOptions & { readonly most: number }) =>
  applyDecorators(
    optional({ type: 'array', items: { type: 'string', maxLength: max }, maxItems: most }, (value) => {
      const list = typeof value === 'string' ? [value] : value;
      return kind ? spelled(list, kind) : list;
    }),
    IsString({ each: true }),
    Characters({ max }, { each: true }),
    ArrayMaxSize(most),
    IsArray(),
  );
