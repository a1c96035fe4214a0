/**
 * The embedded read models by themselves: what a search costs when the catalogue grows and its matches do not, what a write
 * costs, and what a start costs. Floors, in the same run: a search by a plain scan over all documents; the writes as
 * assignments to a Map; the start as reading and parsing the rows.
 */
import Database from 'libsql';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { JsonObject } from '#src/kernel/json';
import { positionOf, stampOf } from '#src/kernel/position';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import type { DocumentChange, Index, ReadModelCollection } from '#src/kernel/read-models/read-model-store';
import { median, percentile, table } from './servers/child';

const SIZES = [1_000, 10_000, 100_000];
const BATCH = 500;
const PAGE = 24;
const INDEXES: Index[] = [
  { terms: 1 },
  { category: 1 },
  { brand: 1 },
  { inStock: 1 },
  { 'price.EUR': 1, _id: 1 },
  { category: 1, 'price.EUR': 1, _id: 1 },
];

interface Product {
  readonly name: string;
  readonly terms: readonly string[];
  readonly category: string;
  readonly brand: string;
  readonly colours: readonly string[];
  readonly price: { readonly EUR: number; readonly USD: number };
  readonly inStock: boolean;
}

/** Numbers from 0 to 1, the same in every run. */
function randomNumbers(): () => number {
  let state = 42;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const random = randomNumbers();
/** Zipf's law, nearly: the r-th word of 8,000 is met about 1/r times as often as the first. */
const word = (): string => `w${Math.floor(8_000 ** random())}`;
const COLOURS = ['red', 'green', 'blue', 'black', 'white', 'grey'];

/** 300 of all products, wherever, have both of the words that are searched; 300 more have one of them. */
function product(n: number, size: number): Product {
  const place = n % (size / 500);
  const both = place === 0 && n / (size / 500) < 300;
  const one = place === 0 && !both;
  const terms = new Set(Array.from({ length: 23 }, word));
  if (both || one) terms.add('stoneware');
  if (both || (size >= 1_000 && n % (size / 500) === size / 1_000)) terms.add('handmade');
  const price = 100 + Math.floor(random() * 9_900);
  return {
    name: `Product ${n}`,
    terms: [...terms],
    category: `c${n % 10 === 3 ? 0 : Math.floor(random() * 20)}`,
    brand: `b${Math.floor(random() * 100)}`,
    colours: COLOURS.filter(() => random() < 0.4),
    price: { EUR: price, USD: Math.round(price * 1.1) },
    inStock: random() < 0.8,
  };
}

const stamp = (n: number): string => stampOf(positionOf(n));
const idOf = (n: number): string => `p${String(n).padStart(6, '0')}`;
const stored = (document: Product) => document as unknown as JsonObject;

async function fill(collection: ReadModelCollection, products: readonly Product[]): Promise<void> {
  for (let from = 0; from < products.length; from += BATCH) {
    const changes = products.slice(from, from + BATCH).map((document, i) => ({
      id: idOf(from + i),
      was: null,
      stamp: stamp(1),
      document: stored(document),
    }));
    await collection.write(changes);
  }
}

/** Milliseconds per run. */
async function timesOf(run: () => unknown, budget: number): Promise<number[]> {
  for (let i = 0; i < 20; i++) await run();
  const times: number[] = [];
  const end = performance.now() + budget;
  while (performance.now() < end || times.length < 5) {
    const started = performance.now();
    await run();
    times.push(performance.now() - started);
  }
  return times;
}

interface Search {
  readonly name: string;
  readonly filter: JsonObject;
  /** The same as a function: the floor. */
  readonly matches: (product: Product) => boolean;
}

const searches: Search[] = [
  {
    name: 'two rare words, a range of prices, in stock',
    filter: { terms: { $all: ['stoneware', 'handmade'] }, 'price.EUR': { $gte: 1_000, $lte: 9_000 }, inStock: true },
    matches: ({ terms, price, inStock }) =>
      inStock && price.EUR >= 1_000 && price.EUR <= 9_000 && terms.includes('stoneware') && terms.includes('handmade'),
  },
  {
    name: 'two frequent words, a category',
    filter: { terms: { $all: ['w3', 'w5'] }, category: 'c0' },
    matches: ({ terms, category }) => category === 'c0' && terms.includes('w3') && terms.includes('w5'),
  },
];

const FACETS = ['brand', 'colours', 'category'] as const;

async function searchOnce(collection: ReadModelCollection, filter: JsonObject): Promise<void> {
  await collection.find(filter, { sort: { 'price.EUR': 1, _id: 1 }, limit: PAGE, projection: { terms: 0 } });
  for (const path of FACETS) await collection.countBy(filter, path);
}

function scanOnce(products: readonly Product[], matches: Search['matches']): void {
  const found = products.filter(matches);
  found.sort((a, b) => a.price.EUR - b.price.EUR || (a.name < b.name ? -1 : 1)).slice(0, PAGE);
  const counts = new Map<string, number>();
  for (const each of found) {
    for (const path of FACETS) for (const value of [each[path]].flat()) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
}

async function benchSearches(size: number, products: readonly Product[], collection: ReadModelCollection) {
  const rows: (string | number)[][] = [];
  for (const { name, filter, matches } of searches) {
    // The collection remembers what the last filter matched: another one comes in between, as among many people.
    const other = () => collection.count({ terms: 'w4000' });
    const times = await timesOf(async () => {
      await other();
      await searchOnce(collection, filter);
    }, 400);
    const floor = await timesOf(() => scanOnce(products, matches), 200);
    const found = await collection.count(filter);
    rows.push([name, size, found, ms(median(times)), ms(percentile(times, 99)), ms(median(floor))]);
  }
  const page = await timesOf(async () => {
    await collection.count({ terms: 'w4000' });
    await collection.find(
      { inStock: true, 'price.EUR': { $gt: 500 } },
      { sort: { 'price.EUR': 1, _id: 1 }, limit: PAGE },
    );
  }, 200);
  const count = await collection.count({ inStock: true, 'price.EUR': { $gt: 500 } });
  rows.push([
    'first page of nearly everything, sorted by price',
    size,
    count,
    ms(median(page)),
    ms(percentile(page, 99)),
    '',
  ]);
  return rows;
}

/** Microseconds per change of replacing documents in batches: `change` makes a new document of the old one. */
async function replacing(collection: ReadModelCollection, size: number, change: (old: JsonObject) => JsonObject) {
  const batches: number[] = [];
  for (let round = 0; round < 40; round++) {
    const ids = Array.from({ length: BATCH }, () => idOf(Math.floor(random() * size)));
    const old = await collection.read([...new Set(ids)]);
    const changes: DocumentChange[] = Array.from(old, ([id, { stamp: was, document }]) => ({
      id,
      was,
      stamp: `${was}~`,
      document: change(document!),
    }));
    const started = performance.now();
    await collection.write(changes);
    batches.push(((performance.now() - started) * 1_000) / changes.length);
    // The file has its turn, where there is one.
    await setImmediate();
  }
  return median(batches);
}

function floorOfReplacing(products: readonly Product[]): number {
  const documents = new Map(products.map((document, n) => [idOf(n), { stamp: stamp(1), document }]));
  const batches: number[] = [];
  for (let round = 0; round < 40; round++) {
    const changes = Array.from({ length: BATCH }, () => {
      const id = idOf(Math.floor(random() * products.length));
      const { document } = documents.get(id)!;
      return { id, stamp: stamp(2), document: { ...document, price: { EUR: 1, USD: 2 } } };
    });
    const started = performance.now();
    for (const { id, ...now } of changes) documents.set(id, now);
    batches.push(((performance.now() - started) * 1_000) / BATCH);
  }
  return median(batches);
}

const newPrice = (old: JsonObject): JsonObject => {
  const EUR = 100 + Math.floor(random() * 9_900);
  return { ...old, price: { EUR, USD: EUR } };
};
const newTerm = (old: JsonObject): JsonObject => ({
  ...old,
  terms: [...(old['terms'] as string[]).slice(1), word()],
});
const newNote = (old: JsonObject): JsonObject => ({ ...old, note: random() });

async function benchWrites(size: number, products: readonly Product[], collection: ReadModelCollection) {
  const bare = await new MemoryReadModelStore({ file: null }).open({ name: 'bare', version: 1, indexes: INDEXES });
  const started = performance.now();
  await fill(bare, products);
  const filling = ((performance.now() - started) * 1_000) / size;
  const floor = us(floorOfReplacing(products));
  return [
    ['a new document, before anybody has queried', size, us(filling), floor],
    ['a field that no index has', size, us(await replacing(collection, size, newNote)), floor],
    ['the price: two sorted indexes', size, us(await replacing(collection, size, newPrice)), floor],
    ['one of about 24 words: a hash index', size, us(await replacing(collection, size, newTerm)), floor],
  ];
}

/** Writes while the file follows, then a start from the file. */
async function benchFile(file: string, products: readonly Product[]) {
  const size = products.length;
  const store = new MemoryReadModelStore({ file });
  const spec = { name: 'products', version: 1, indexes: INDEXES };
  const collection = await store.open(spec);
  await fill(collection, products);
  const held: number[] = [];
  let flushed = false;
  const watch = (async () => {
    for (let last = performance.now(); !flushed;) {
      await setImmediate();
      const now = performance.now();
      // Other turns are those in which it waits for the disk.
      if (now - last > 1) held.push(now - last);
      last = now;
    }
  })();
  const started = performance.now();
  await store.flush();
  const flush = performance.now() - started;
  flushed = true;
  await watch;
  const beside = await replacing(collection, size, newPrice);
  await store.close();

  const plain = performance.now();
  const rows = new Database(file).prepare('SELECT * FROM documents_1').raw().all() as [
    number,
    string,
    string,
    string,
  ][];
  const parsed = rows.map(([, id, was, document]) => ({ id, was, document: JSON.parse(document) as JsonObject }));
  const floor = performance.now() - plain;

  const opening = performance.now();
  const again = await new MemoryReadModelStore({ file }).open(spec);
  const open = performance.now() - opening;
  const asking = performance.now();
  await searchOnce(again, searches[0]!.filter);
  const first = performance.now() - asking;
  return [
    ['writing all documents to the file', `${ms(flush)} ms, ${us((flush * 1_000) / size)} µs each`],
    [
      'the event loop was held meanwhile, p50 / p99 / longest',
      [50, 99, 100].map((p) => ms(percentile(held, p))).join(' / ') + ' ms',
    ],
    ['replacing a price while the file follows', `${us(beside)} µs`],
    [`a start with ${parsed.length} documents`, `${ms(open)} ms (reading and parsing the rows alone: ${ms(floor)} ms)`],
    ['the first search, which builds its indexes', `${ms(first)} ms`],
  ];
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chronocart-bench-'));
  const found: (string | number)[][] = [];
  const written: (string | number)[][] = [];
  const kept: string[][] = [];
  for (const size of SIZES) {
    const products = Array.from({ length: size }, (_, n) => product(n, size));
    const collection = await new MemoryReadModelStore({ file: null }).open({ name: 'p', version: 1, indexes: INDEXES });
    await fill(collection, products);
    found.push(...(await benchSearches(size, products, collection)));
    if (size >= 10_000) written.push(...(await benchWrites(size, products, collection)));
    if (size === 100_000) kept.push(...(await benchFile(join(folder, 'read-models.db'), products)));
  }
  console.log('Search: a page of 24 by price, and three facets');
  console.log(table(['search', 'products', 'found', 'p50 ms', 'p99 ms', 'scan p50 ms'], found.sort(byName)));
  console.log(`\nWrites in batches of ${BATCH}: µs per change`);
  console.log(table(['change', 'products', 'µs', 'Map µs'], written.sort(byName)));
  console.log('\nThe file');
  console.log(table(['what', '100,000 products'], kept));
  rmSync(folder, { recursive: true });
}

const byName = ([a]: (string | number)[], [b]: (string | number)[]): number => String(a).localeCompare(String(b));
const ms = (time: number): string => time.toFixed(time < 10 ? 3 : 0);
const us = (time: number): string => time.toFixed(2);

void main();
