/**
 * Product search inside the process: text, two filters and all facets, over 1,000, 10,000 and 100,000 products. The floor is
 * what a program would do that holds each word's products in an array and knows this one query. A query that finds fifty
 * products must cost the same in every catalogue.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filterOf, sortOf, type Criteria } from '#projections/product-search/product-search.criteria';
import type { ProductDocument } from '#projections/product-search/product-document';
import { productSearch } from '#projections/product-search/product-search.projection';
import { FACETS, FoundProducts } from '#projections/product-search/product-search.queries';
import { allEvents } from '#src/contexts';
import { WritePath } from '#src/kernel/aggregates';
import { SystemClock } from '#src/kernel/clock';
import { EventRegistry } from '#src/kernel/event-definitions';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { deriveId, newId } from '#src/kernel/ids';
import type { JsonObject } from '#src/kernel/json';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { ReadModels } from '#src/kernel/read-models/read-models';
import { demoCatalogue } from '#src/demo/demo-catalogue';
import { median, table } from './servers/child';

const SIZES = [1_000, 10_000, 100_000];
const PAGE = 20;
const SECONDS = 0.4;
/** Products of one series: what the narrow query finds in a catalogue of any size. */
const SERIES = 50;

const ROOT = newId();
const models = demoCatalogue();

/** The n-th product: one of the demo's with the name of a series added, through the real fold. */
function documentOf(n: number): ProductDocument {
  const { name, brand, categoryPath, attributes, variants, seller } = models[n % models.length]!;
  const productId = deriveId(ROOT, String(n));
  const event = (type: string, data: object) => ({
    type,
    data: { productId, ...data },
    recordedAt: new Date(n).toISOString(),
  });
  const created = event('ProductCreated', {
    sellerId: seller,
    name: `${name} series${Math.floor(n / SERIES)}`,
    slug: productId,
    brand,
    categoryPath,
    attributes,
    images: [],
    variants: variants.map(({ sku, options, prices }, v) => ({
      variantId: `${n}/${v}`,
      sku: `${sku}-${n}`,
      options,
      prices,
    })),
  });
  const stocked = event('StockReceived', { variantId: `${n}/0`, quantity: n % 5 });
  return [created, event('ProductPublished', {}), stocked].reduce<ProductDocument | null>(
    (document, event) => productSearch.on[event.type]!.evolve(document, event as never, productId),
    null,
  )!;
}

async function filled(size: number, folder: string) {
  const store = new MemoryReadModelStore({ file: null });
  const events = await SqliteEventStore.open({ file: join(folder, `${size}.db`) });
  class Path extends WritePath {
    override readonly store = events;
    override readonly registry = new EventRegistry(allEvents);
    override readonly clock = new SystemClock();
    override warn(message: string): void {
      console.warn(message);
    }
  }
  const readModels = await ReadModels.open({ projections: [productSearch], store, path: new Path(), storeId: ROOT });
  const collection = await store.open(productSearch);
  const documents: ProductDocument[] = [];
  for (let n = 0; n < size; n++) {
    const document = documentOf(n);
    documents.push(document);
    const id = deriveId(ROOT, String(n));
    await collection.write([{ id, was: null, stamp: '0', document: document as unknown as JsonObject }]);
  }
  const products = new FoundProducts(readModels);
  const search = async (criteria: Criteria, facets: readonly (typeof FACETS)[number][]): Promise<number> => {
    await products.find(filterOf(criteria), { sort: sortOf('newest', criteria), limit: PAGE + 1 });
    return (await products.count(criteria, facets)).total;
  };
  return { search, documents, close: () => events.close() };
}

/** The floor: products by word, one loop for the filters and the facets, one sort for the page. */
function floorOf(documents: readonly ProductDocument[], words: readonly string[], { brand }: { brand?: string }) {
  const byWord = new Map(words.map((word) => [word, documents.filter(({ terms }) => terms.includes(word))]));
  return async () => {
    const [first, ...others] = words.map((word) => byWord.get(word)!).sort((a, b) => a.length - b.length);
    const rest = others.map((found) => new Set(found));
    const matches = first!.filter((d) => d.inStock && (!brand || d.brand === brand) && rest.every((set) => set.has(d)));
    matches.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, PAGE);
    const counts = new Map<string, number>();
    const add = (value: string) => counts.set(value, (counts.get(value) ?? 0) + 1);
    for (const { facets } of matches) {
      add(facets.brand);
      for (const list of [facets.categories, facets.attributes, facets.priceBands])
        for (const value of list) add(value);
    }
    return matches.length;
  };
}

type Run = () => Promise<number>;

/** Milliseconds at the middle and at the 99th percentile, and what was found. */
async function timed(run: Run, between: Run): Promise<{ p50: number; p99: number; found: number }> {
  const times: number[] = [];
  let found = await run();
  const end = performance.now() + SECONDS * 1_000;
  while (performance.now() < end || times.length < 5) {
    // The collection remembers its last match: another query comes between, as among many people.
    await between();
    const from = performance.now();
    found = await run();
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  return { p50: median(times), p99: times[Math.floor(times.length * 0.99)]!, found };
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chronocart-bench-'));
  const rows: (string | number)[][] = [];
  for (const size of SIZES) {
    const { search, documents, close } = await filled(size, folder);
    const series = `series${Math.floor(size / SERIES / 2)}`;
    const some: Criteria = { text: `${series} `, inStock: true, price: { currency: 'EUR', maxMinor: 5_000 } };
    const wide: Criteria = { text: 'stoneware ', inStock: true, brands: ['Kiln & Co'] };
    const another = () => search({ text: 'series0 ' }, []);
    const of = async (name: string, run: Run, floor?: Run) => {
      const at = await timed(run, another);
      const least = floor && (await timed(floor, another));
      rows.push([name, size, at.found, ms(at.p50), ms(at.p99), least ? ms(least.p50) : '']);
    };
    await of('a series, in stock, up to 50 EUR, facets', () => search(some, FACETS), floorOf(documents, [series], {}));
    await of('as it is typed: "series harb"', () => search({ text: `${series} harb` }, []));
    await of(
      'stoneware, in stock, of one brand, facets',
      () => search(wide, FACETS),
      floorOf(documents, ['stonewar'], { brand: 'Kiln & Co' }),
    );
    await of('a category, in stock', () => search({ category: 'Kitchen/Knives', inStock: true }, []));
    await of('everything, facets', () => search({}, FACETS));
    await close();
  }
  console.log(table(['query', 'products', 'found', 'p50 ms', 'p99 ms', 'floor p50 ms'], rows));
  console.log(`resident memory ${Math.round(process.memoryUsage().rss / 1e6)} MB at the end`);
  rmSync(folder, { recursive: true });
}

const ms = (time: number): string => time.toFixed(3);

void main();
