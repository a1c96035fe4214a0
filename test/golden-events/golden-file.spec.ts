import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenText, writeGolden } from '../support/golden-file';
import { inRoot } from '../support/root';
import { tempFolderOfThisFile } from '../support/temp-folder';

/** One of each folder whose files programs add to. */
const kept = [
  'test/golden-events/states/account@1.json',
  'test/integration/golden/chronocart.cart.cart-checked-out.v1.json',
  'test/projections/golden/product-search@1.json',
];

const news = { type: 'ThingHappened', data: { ids: ['a', 'b'] } };
const withNews = (value: object): object =>
  Array.isArray(value) ? [news, ...(value as unknown[])] : { news, ...value };

/** The run of lines that must be taken out of `after` to have `before`; null if there is none. */
function inserted(before: readonly string[], after: readonly string[]): string[] | null {
  const start = after.findIndex((line, n) => line !== before[n]);
  const end = start + after.length - before.length;
  return [...after.slice(0, start), ...after.slice(end)].join() === before.join() ? after.slice(start, end) : null;
}

describe.each(kept)('what is written to %s', (file) => {
  const path = inRoot(file);
  const text = readFileSync(path, 'utf8');
  const value = JSON.parse(text) as Record<string, object>;

  it('has the form that the file has', () => expect(goldenText(path, value)).toBe(text));

  it('differs by what is new alone', () => {
    const [name, list] = Object.entries(value).at(-1)!;
    const written = goldenText(path, { ...value, [name]: withNews(list) });
    const lines = inserted(text.split('\n'), written.split('\n'));
    expect(lines?.join('\n')).toMatch(/ThingHappened/);
    expect(lines?.length).toBeLessThan(12);
  });
});

describe('a golden file', () => {
  const path = join(tempFolderOfThisFile(), 'thing.json');

  it('is made', () => {
    writeGolden(path, { documents: [1] });
    expect(readFileSync(path, 'utf8')).toBe('{\n  "documents": [1]\n}\n');
  });

  it('is left alone by what it says already, and by members that JSON has not', () => {
    const laidOut = '{"documents":\n[1]}';
    writeFileSync(path, laidOut);
    const before = statSync(path).mtimeMs;
    writeGolden(path, { documents: [1], nothing: undefined });
    expect({ text: readFileSync(path, 'utf8'), at: statSync(path).mtimeMs }).toEqual({ text: laidOut, at: before });
  });
});
