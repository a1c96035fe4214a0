import { home } from './demo-home';
import type { Kind } from './demo-kinds';
import { kitchen } from './demo-kitchen';
import { outdoor } from './demo-outdoor';
import { wear } from './demo-wear';

interface DemoVariant {
  readonly sku: string;
  readonly options: Record<string, string>;
  readonly prices: { readonly currency: string; readonly amountMinor: number; readonly taxIncluded: boolean }[];
  /** Units in stock; 0: sold out. */
  readonly quantity: number;
}

export interface DemoProduct {
  /** From 1. */
  readonly number: number;
  readonly seller: Kind['seller'];
  readonly name: string;
  readonly description: string;
  readonly brand: string;
  readonly categoryPath: string[];
  readonly taxClass: string;
  readonly attributes: Record<string, string[]>;
  readonly images: { readonly url: string; readonly alt: string }[];
  readonly variants: readonly DemoVariant[];
}

const MODELS = 10;

/** 200 products, the same ones at every start: 20 kinds of things in ten models each, one of each kind after the other. */
export function demoCatalogue(): DemoProduct[] {
  const kinds = [...kitchen, ...home, ...wear, ...outdoor];
  return Array.from({ length: MODELS }, (_, m) =>
    kinds.map((kind, k) => productOf(kind, m, m * kinds.length + k + 1)),
  ).flat();
}

function productOf(kind: Kind, m: number, number: number): DemoProduct {
  const [model, material, sentence] = kind.models[m] as Kind['models'][number];
  const name = `${model} ${kind.noun}`;
  const options = combinations(kind.options);
  // From one variant to all of them, so that the shop has products of either sort.
  const many = 1 + ((m * 3 + kind.noun.length) % options.length);
  return {
    number,
    seller: kind.seller,
    name,
    description: `${kind.description} ${sentence}`,
    brand: kind.brands[m % kind.brands.length] as string,
    categoryPath: [...kind.categoryPath],
    taxClass: kind.taxClass ?? 'standard',
    attributes: { ...listsOf(kind.attributes), [kind.materialIs ?? 'material']: [material] },
    images: [{ url: `https://images.example.com/${kind.code.toLowerCase()}-${m + 1}.jpg`, alt: name }],
    variants: options.slice(0, many).map(({ values, last }, v) => ({
      sku: `${kind.code}-${String(m + 1).padStart(2, '0')}-${v + 1}`,
      options: values,
      prices: pricesFor(kind.priceMinor + m * kind.stepMinor + last * (kind.perValueMinor ?? 0)),
      quantity: (number + v) % 17 === 0 ? 0 : 3 + ((number * 7 + v * 13) % 58),
    })),
  };
}

const listsOf = (attributes: Kind['attributes']): Record<string, string[]> =>
  Object.fromEntries(Object.entries(attributes).map(([name, values]) => [name, [...values]]));

/** Every choice of one value per option; `last`: which value of the last option it is, from 0. */
function combinations(options: Kind['options']): { values: Record<string, string>; last: number }[] {
  let found: { values: Record<string, string>; last: number }[] = [{ values: {}, last: 0 }];
  for (const [name, values] of Object.entries(options))
    found = found.flatMap((before) =>
      values.map((value, n) => ({ values: { ...before.values, [name]: value }, last: n })),
    );
  return found;
}

/** Euros with tax, and dollars without, both ending as prices do. */
const pricesFor = (euroMinor: number) => [
  { currency: 'EUR', amountMinor: Math.round(euroMinor / 10) * 10, taxIncluded: true },
  { currency: 'USD', amountMinor: Math.round((euroMinor * 0.95) / 100) * 100 - 1, taxIncluded: false },
];
