import { allParts, allProjections, processNames } from '#src/contexts';
import { domainFiles, specsOf } from '../mutation/domain-files';
import { scoreOf, tableOf, type Mutant } from '../mutation/scores';
import { sourcesIn } from './sources';

const sources = sourcesIn(['src', 'projections', 'test']);
const files = domainFiles(sources);
const specs = (file: string) => specsOf(file, sources, new Set(files));

describe('the files whose mutants tests must notice', () => {
  it('are every aggregate, process manager and fold, and what those are made of', () => {
    const ending = (end: string) => files.filter((file) => file.endsWith(end));
    expect(ending('.process.ts')).toHaveLength(processNames.length);
    expect(ending('.projection.ts')).toHaveLength(allProjections.length);
    for (const { aggregate } of allParts) expect(ending(`/${aggregate.name}.ts`)).toHaveLength(1);
    expect(files).toEqual(
      expect.arrayContaining([
        'projections/product-search/product-search.criteria.ts',
        'projections/product-search/terms.ts',
        'src/inventory/reservations.ts',
        'src/words/order-number.ts',
      ]),
    );
  });

  it('are nothing of the kernel, of what is declared, and of what runs', () =>
    expect(files.filter((file) => /kernel|\.(events|commands|controller|dto|module|queries)\.ts$/.test(file))).toEqual(
      [],
    ));

  it('each have specs that speak of them', () => expect(files.filter((file) => specs(file).length === 0)).toEqual([]));

  it('are not asked about by specs that open a store or play whole orders at random', () => {
    expect(specs('src/cart/cart.ts')).toEqual(['test/domain/cart.spec.ts']);
    expect(specs('src/ordering/order.ts')).toEqual(['test/domain/order.spec.ts']);
  });
});

/** One line, of one kind, with its reason. */
const WITH_REASON = /^\s*\/\/ Stryker disable next-line [A-Z]\w+: .{20,}$/;

describe('what is left out of mutation tests', () => {
  const badIn = (text: string) =>
    text.split('\n').filter((line) => /Stryker (disable|restore)/.test(line) && !WITH_REASON.test(line));

  it('is one line at a time, with its reason', () =>
    expect(sources.filter(({ path }) => !path.startsWith('test/')).flatMap(({ text }) => badIn(text))).toEqual([]));

  it.each([
    '// Stryker disable all',
    '// Stryker disable next-line StringLiteral',
    '// Stryker disable next-line all: it is too much work to test this',
    '/* Stryker disable StringLiteral: nobody reads any of these texts */',
  ])('could not be %p', (line) => expect(badIn(line)).toEqual([line]));
});

describe('a score', () => {
  const mutants = (status: string, count: number): Mutant[] =>
    Array.from({ length: count }, (_, n) => ({
      status,
      mutatorName: 'StringLiteral',
      replacement: '""',
      location: { start: { line: n + 1, column: 3 } },
    }));

  it('counts those that were noticed, also by never ending, of those that were asked about', () =>
    expect(scoreOf('a.ts', [...mutants('Killed', 8), ...mutants('Timeout', 1), ...mutants('Survived', 1)])).toEqual({
      file: 'a.ts',
      mutants: 10,
      killed: 9,
      leftOut: 0,
      score: 90,
      met: true,
      survivors: ['a.ts:1:3 StringLiteral → ""'],
    }));

  it('is missed below 90 %, and where no test comes', () => {
    const score = scoreOf('a.ts', [...mutants('Killed', 89), ...mutants('NoCoverage', 11)]);
    expect(score).toMatchObject({ score: 89, met: false });
    expect(score.survivors[0]).toBe('a.ts:1:3 StringLiteral → "" (no test comes here)');
  });

  it('does not count what can not run, and nothing is met by leaving out more than 2 %', () => {
    const some = [...mutants('Killed', 98), ...mutants('RuntimeError', 50)];
    expect(scoreOf('a.ts', [...some, ...mutants('Ignored', 2)])).toMatchObject({ mutants: 98, leftOut: 2, met: true });
    expect(scoreOf('a.ts', [...some, ...mutants('Ignored', 3)])).toMatchObject({ score: 100, met: false });
  });

  it('is a row of a table', () =>
    expect(tableOf([scoreOf('a.ts', mutants('Killed', 3)), scoreOf('b/longer.ts', mutants('Survived', 12))])).toEqual([
      'file         mutants  killed  left out    score  wanted  met',
      'a.ts               3       3         0  100.0 %    90 %  yes',
      'b/longer.ts       12       0         0    0.0 %    90 %   NO',
    ]));
});
