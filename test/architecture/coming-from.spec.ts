import { existsSync, readFileSync } from 'node:fs';
import { inRoot } from '../support/root';

/* docs/coming-from.md: a section for each thing that people look for; what it names is there, and what it says was measured was. */

const textOf = (page: string): string => readFileSync(inRoot('docs', page), 'utf8');
const [head = '', ...sections] = textOf('coming-from.md').split(/^## /m);
const benchmarks = textOf('benchmarks.md');

const titleOf = (section: string): string => section.split('\n')[0]!;
/** As GitHub makes it. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/\s/g, '-');

/** What is said to have been measured: numbers that no sentence has by accident. */
const figuresIn = (section: string): string[] =>
  /\*\*Measured:\*\*([^]*?)\*\*Add /.exec(section)?.[1]?.match(/\d+,\d{3}|\d+\.\d+/g) ?? [];

it('names every section in front', () => {
  const links = [...head.matchAll(/^- \[(.+)\]\(#(.+)\)$/gm)].map(([, title, anchor]) => [title, anchor]);
  expect(links).toEqual(sections.map(titleOf).map((title) => [title, anchorOf(title)]));
});

describe.each(sections.map((section) => [titleOf(section), section] as const))('%s', (_, section) => {
  it('says what is here, why, what was measured and when to add the thing', () =>
    expect(section.match(/\*\*(Here|Why|Measured|Add)\b/g)?.map((word) => word.slice(2))).toEqual([
      'Here',
      'Why',
      'Measured',
      'Add',
    ]));

  it('names files that are there', () => {
    const paths = [...section.matchAll(/`((?:src|projections|test|deploy)\/[^`]+)`/g)].map(([, path]) => path!);
    expect(paths.filter((path) => !existsSync(inRoot(path)))).toEqual([]);
  });

  it('gives figures that docs/benchmarks.md has', () =>
    expect(figuresIn(section).filter((figure) => !benchmarks.includes(figure))).toEqual([]));
});

it('has figures', () => expect(sections.flatMap(figuresIn).length).toBeGreaterThan(10));
