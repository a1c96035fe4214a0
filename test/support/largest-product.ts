import { LIMITS, type Description, type Variant } from '#src/catalog/catalog.events';
import { CURRENCIES } from '#src/words/currencies';

/** A product with as much of everything as it may have, in characters of three bytes. */
export function largestProduct(): Description & { readonly variants: readonly Omit<Variant, 'variantId'>[] } {
  const long = (length: number) => '€'.repeat(length);
  const names = (many: number, length: number) =>
    Array.from({ length: many }, (_, n) => `${'ぁ'.repeat(length - 3)}${100 + n}`);
  const prices = [...CURRENCIES].slice(0, LIMITS.prices).map((currency) => ({
    currency,
    amountMinor: LIMITS.amountMinor,
    taxIncluded: false,
  }));
  const options = (n: number) =>
    Object.fromEntries(
      names(LIMITS.options, LIMITS.optionName).map((o) => [o, names(200, LIMITS.optionValue)[n] ?? '']),
    );
  return {
    name: long(LIMITS.name),
    slug: 'ぁ'.repeat(LIMITS.slug),
    description: long(LIMITS.description),
    brand: long(LIMITS.brand),
    categoryPath: Array.from({ length: LIMITS.categoryDepth }, () => long(LIMITS.category)),
    taxClass: long(LIMITS.taxClass),
    attributes: Object.fromEntries(
      names(LIMITS.attributes, LIMITS.attributeName).map((name) => [
        name,
        names(LIMITS.attributeValues, LIMITS.attributeValue),
      ]),
    ),
    images: Array.from({ length: LIMITS.images }, () => ({
      url: `https://images.example/${'ぁ'.repeat(LIMITS.url - 23)}`,
      alt: long(LIMITS.alt),
    })),
    variants: Array.from({ length: LIMITS.variants }, (_, n) => ({
      sku: String(n).padStart(LIMITS.sku, 'X'),
      options: options(n),
      prices,
    })),
  };
}
