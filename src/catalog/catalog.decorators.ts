import type { TSchema } from 'typebox';
import { Of } from '../kernel/http/of.decorator';
import { normaliseSku, normaliseSlug } from '../kernel/normalise';
import { severalLines, type TextKind } from '../kernel/text/text-kinds';
import { Description, LIMITS, Options, Variant } from './catalog.events';

/** Text of one line. */
export const OneLine = (schema: TSchema, wording: { example?: string; format?: string } = {}) =>
  Of(schema, { ...wording, what: 'one line of text' });

/** Text of several lines; every kind of line break becomes LF. */
export const Lines = (schema: TSchema, { example }: { example?: string } = {}) =>
  Of(schema, { example, kind: severalLines });

/** Marks that are not seen, or that enclose a letter, can't be typed into an address bar. */
const slug: TextKind = {
  normalise: normaliseSlug,
  complaint: (text) => (/[\p{DI}\p{Me}]/u.test(text) ? 'must not contain characters that cannot be typed' : null),
};

export const Slug = () =>
  Of(Description.properties.slug, {
    example: 'stoneware-mug',
    kind: slug,
    what: 'words of letters and digits with - between them,',
  });

export const Sku = () =>
  Of(Variant.properties.sku, {
    example: 'MUG-RED',
    kind: { normalise: normaliseSku, complaint: () => null },
    what: 'letters A to Z and digits, with . _ / - between them,',
  });

export const CategoryPath = () =>
  Of(Description.properties.categoryPath, {
    example: ['Kitchen', 'Mugs'],
    what: `a list of 1 to ${LIMITS.categoryDepth} texts of one line, without /, of 1 to ${LIMITS.category} characters`,
  });

/** `{ colour: 'red' }`. */
export const OptionsOfVariant = () =>
  Of(Options, {
    example: { colour: 'red', size: 'L' },
    what: `at most ${LIMITS.options} texts of at most ${LIMITS.optionValue} characters by name`,
  });

/** `{ material: ['stoneware'] }`. */
export const Attributes = () =>
  Of(Description.properties.attributes, {
    example: { material: ['stoneware'] },
    what:
      `at most ${LIMITS.attributes} lists, by name, of 1 to ${LIMITS.attributeValues} texts of at most ` +
      `${LIMITS.attributeValue} characters`,
  });
