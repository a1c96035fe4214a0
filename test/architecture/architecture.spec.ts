import { isInstalledForProduction } from './packages';
import type { Rule } from './rule';
import { rules } from './rules';
import { productSources, repositoryTexts, sourceOf } from './sources';

const sources = productSources();

describe.each(rules.map((rule): [string, Rule] => [rule.says, rule]))('%s', (_, rule) => {
  it('holds', () => expect(rule.violations(sources)).toEqual([]));

  it('would be seen to be broken', () => {
    const broken = Object.entries(rule.brokenBy).map(([path, text]) => sourceOf(path, text));
    const last = broken.at(-1)?.path;
    expect(rule.violations(broken)).toEqual([expect.stringMatching(new RegExp(`^${last}:1 `))]);
  });
});

it('reads all of the product', () => {
  const paths = sources.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining(['src/main.ts', 'src/cart/cart.ts', 'projections/projections.module.ts']),
  );
});

it('leaves mingo, which tells tests what MongoDB answers, out of an installation without development packages', () => {
  expect(isInstalledForProduction('mingo')).toBe(false);
  expect(isInstalledForProduction('mongodb')).toBe(true);
});

describe('no text names a place on somebody’s machine', () => {
  const PLACE = /(?:^|[\s'"`(=:,<[])\/(?:work|tmp|home|root|Users|var\/folders)\/|[A-Z]:\\/;
  const placesIn = ({ path, text }: { path: string; text: string }) =>
    text.split('\n').flatMap((line, n) => (PLACE.test(line) ? [`${path}:${n + 1} ${line.trim()}`] : []));

  it('holds', () => expect(repositoryTexts().flatMap(placesIn)).toEqual([]));

  it.each(['home', 'tmp', 'work'])('would be seen to be broken by a path in %s', (folder) => {
    const text = `Look into\n"${['', folder, 'ann'].join('/')}"`;
    expect(placesIn({ path: 'README.md', text })).toHaveLength(1);
  });
});
