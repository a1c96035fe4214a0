import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsString, Max, Min } from 'class-validator';
import type { TSchema } from 'typebox';
import { oneLine, type TextKind } from '../text/text-kinds';
import { Fits, span, Spelled } from './text.decorators';

/** What of a JSON Schema says something to clients. */
interface View {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly items?: View;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly patternProperties?: Readonly<Record<string, View>>;
}

interface Wording {
  /** Default: the first of the schema's own examples. */
  readonly example?: unknown;
  /** Which kind of text it is, by JSON Schema's name: `iri`. */
  readonly format?: string;
  /** How each text of it, and each name of a map, is spelled; default: one line. What is of a pattern alone is taken as it is. */
  readonly kind?: TextKind;
  /** What it must be, as the rest of a sentence: `one line of text`. Default: the schema's own description. */
  readonly what?: string;
}

/**
 * A member as an event stores it: what it may be is said by that field's schema alone, and told to clients and checked from there. It may
 * be one of a list of texts, a whole number with both its ends, a flag, a text with a longest length (spelled as its kind first), a text
 * of a pattern (taken as it is), or a list or map of these. @throws Error for another schema
 */
export const Of = (schema: TSchema, wording: Wording = {}): PropertyDecorator => {
  const view = schema as View;
  const { description, examples = [] } = view;
  const { example = examples[0], what = description, format } = wording;
  const documented = {
    ...documentOf(view),
    ...(format === undefined ? {} : { format }),
    ...(example === undefined ? {} : { example }),
  } as ApiPropertyOptions;
  return applyDecorators(ApiProperty(documented), ...checksOf(schema, { ...wording, what }));
};

function checksOf(schema: TSchema, { kind = oneLine, what }: Wording): PropertyDecorator[] {
  const view = schema as View;
  const { type, minimum, maximum, minLength = 0, maxLength, pattern, maxItems, maxProperties } = view;
  if (view.enum) return [IsIn(view.enum)];
  if (type === 'boolean') return [IsBoolean()];
  if (type === 'integer' && minimum !== undefined && maximum !== undefined)
    return [IsInt(), Min(minimum), Max(maximum)];
  if (type === 'string' && maxLength !== undefined)
    return [Spelled(kind), IsString(), Fits(schema, `${what ?? 'text'} of ${span(minLength, maxLength)} characters`)];
  const hasEnd = pattern !== undefined || maxItems !== undefined || maxProperties !== undefined;
  if (what !== undefined && hasEnd) return [...(pattern === undefined ? [Spelled(kind)] : []), Fits(schema, what)];
  throw new Error(
    `What clients send has an end, and words for what it must be; this has not: ${JSON.stringify(schema)}`,
  );
}

/** A text that is normalised before it is checked may be sent in other ways than it is stored: its pattern is not told. */
function documentOf(view: View): object {
  const { type, items, minItems, maxItems, maxProperties, minimum, maximum, pattern, minLength = 0, maxLength } = view;
  if (view.enum) return { enum: view.enum };
  switch (type) {
    case 'integer':
      return { type, minimum, maximum };
    case 'string':
      return maxLength === undefined ? { type, pattern } : { type, ...(minLength > 0 ? { minLength } : {}), maxLength };
    case 'array':
      return { type, items: documentOf(items ?? {}), ...(minItems === undefined ? {} : { minItems }), maxItems };
    case 'object':
      return {
        type,
        maxProperties,
        additionalProperties: documentOf(Object.values(view.patternProperties ?? {})[0] ?? {}),
      };
    default:
      return { type };
  }
}
