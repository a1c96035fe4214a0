import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { A_FEW_VISITS, tradedFolder } from '../support/traded-folder';
import { candidate, startWhatIf, whatIf } from '../history/what-if/what-if';

let folder: string;
beforeAll(async () => {
  folder = await tradedFolder(A_FEW_VISITS);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the sandbox', () => {
  it('lets a candidate write nothing, start nothing and know nothing of the environment', async () => {
    const { status, out, err } = await whatIf(folder, '--with', candidate('spy.mjs'));
    expect(err).toEqual([
      'write: ERR_ACCESS_DENIED',
      'run: ERR_ACCESS_DENIED',
      'thread: ERR_ACCESS_DENIED',
      'native: ERR_DLOPEN_DISABLED',
      'environment: {}',
    ]);
    expect([status, out.length > 0]).toEqual([0, true]);
    expect(existsSync(candidate('spy.mjs.written'))).toBe(false);
  });

  it('ends a candidate that never answers, when its time is over or nobody waits any more', async () => {
    const args = ['--with', candidate('endless.js')];
    const late = await whatIf(folder, ...args, '--timeout', '2');
    expect(late.status).toBe(1);
    expect(late.err).toEqual([asMatcher(/^\d+$/), 'It took longer than 2 s; --timeout says how long it may take.']);
    const program = startWhatIf(folder, ...args);
    while (program.errors.length === 0) await sleep(20);
    program.process.kill('SIGINT');
    expect(await program.ended()).toBe('SIGINT');
    for (const pid of [late.err[0], program.errors[0]]) await gone(Number(pid));
  });

  it.each([
    [
      'takes too much memory',
      ['hoarder.mjs', '--memory', '60'],
      'It needs more than 60 MB of memory; --memory says how much it may have.',
    ],
    ['ends its process', ['quitter.mjs'], 'The candidate ended its process (3).'],
  ])('survives a candidate that %s', async (_, [name = '', ...args], sentence) => {
    expect(await whatIf(folder, '--with', candidate(name), ...args)).toMatchObject({ status: 1, err: [sentence] });
  });
});

describe('what-if refuses, with a sentence and exit status 2,', () => {
  it.each([
    ['no module', [], '--with names the module to try.'],
    ['a module that is not there', ['--with', 'nowhere.mjs'], 'There is no file nowhere.mjs.'],
    [
      'a file that is no module',
      ['--with', 'package.json'],
      'package.json is no module that Node runs: write .mjs, .js or .cjs.',
    ],
    ['words that it does not know', ['--with', 'rule.mjs', 'please'], 'please is too much: --with names the module.'],
    [
      'a number that is none',
      ['--with', candidate('discount.mjs'), '--most', 'all'],
      '--most is a whole number from 0 on, not all.',
    ],
    [
      'a moment that is none',
      ['--with', candidate('discount.mjs'), '--from', 'May'],
      /^"May" is no moment of the history/,
    ],
  ])('%s', async (_, args, sentence) => {
    expect(await whatIf(folder, ...args)).toEqual({ status: 2, out: [], err: [asMatcher(sentence)] });
  });

  it.each([
    ['exports-nothing', /^exports-nothing\.mjs exports no function whatIf; write: export const whatIf = /],
    ['throws-when-loaded', 'throws-when-loaded.mjs can’t be loaded: no coffee'],
    ['throws-when-asked', 'whatIf of throws-when-asked.mjs fails: no tea'],
    [
      'names-nothing',
      /^whatIf of names-nothing\.mjs names neither .* There are the decisions .*cart\.addItem, .* order-history/,
    ],
    ['unknown-decision', /^There is no decision cart\.fly; there are .*cart\.addItem, /],
    ['unknown-event', 'The projection wishes folds WishMade, which is no event.'],
    ['no-fold', 'The projection orders has no functions keys and evolve for OrderPlaced.'],
  ])('a module that %s', async (name, sentence) => {
    const ran = await whatIf(folder, '--with', candidate(`bad/${name}.mjs`));
    expect(ran).toEqual({ status: 2, out: [], err: [asMatcher(sentence)] });
  });
});

const asMatcher = (expected: string | RegExp): unknown =>
  typeof expected === 'string' ? expected : expect.stringMatching(expected);

/** Resolves when there is no such process any more. */
async function gone(pid: number): Promise<void> {
  const isThere = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  while (isThere()) await sleep(20);
}
