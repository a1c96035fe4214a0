import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../support/root';
import { tempFolder } from '../support/temp-folder';

const node = (code: string): string[] => [process.execPath, '-e', code];

/** A program as scripts/night/programs.mjs has them; `REPORT` in its code is where Jest would write its report. */
interface Small {
  readonly name: string;
  readonly code: string;
  readonly times?: number;
  readonly minutes?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that runs these as `npm run night` does, and where it keeps its report. */
function nightOf(...programs: readonly Small[]) {
  const folder = tempFolder();
  const commands = programs.map(({ code, ...program }) => ({ ...program, argv: node(code) }));
  const main = join(folder, 'night.mjs');
  writeFileSync(
    main,
    `import { runPrograms } from ${JSON.stringify(pathToFileURL(inRoot('scripts/night/run-programs.mjs')).href)};
    const programs = ${JSON.stringify(commands)}.map(({ argv, ...program }) => ({
      ...program,
      command: (report) => argv.map((arg) => arg.replace('REPORT', JSON.stringify(report))),
    }));
    console.log(JSON.stringify(await runPrograms(programs, { folder: ${JSON.stringify(folder)}, cwd: '.' })));`,
  );
  return { main, report: () => readFileSync(join(folder, 'report.md'), 'utf8') };
}

function pass(...programs: readonly Small[]) {
  const { main, report } = nightOf(...programs);
  const { stdout } = spawnSync(process.execPath, [main], { encoding: 'utf8' });
  return { total: JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as object, said: stdout, report: report() };
}

const reportOf = (failed: number) => ({
  numPassedTests: 5,
  numFailedTests: failed,
  numRuntimeErrorTestSuites: 0,
  numPendingTests: 1,
  numTodoTests: 0,
  testResults: [
    {
      assertionResults: [
        { failureMessages: [], status: failed > 0 ? 'failed' : 'passed', fullName: 'a cart is full of eels' },
      ],
    },
  ],
});
const jestOf = (failed: number): string =>
  `require('fs').writeFileSync(REPORT, ${JSON.stringify(JSON.stringify(reportOf(failed)))}); process.exitCode = ${failed}`;
const says = (...lines: readonly string[]): string => lines.map((line) => `console.log('${line}');`).join(' ');

describe('npm run night', () => {
  it('runs every program, whatever those before it came to, and counts all of them', () => {
    const { total, said, report } = pass(
      { name: 'tests', code: jestOf(1), env: { CHAOS_KILLS: '3' } },
      { name: 'lines', code: says('4 passed, 0 failed, 2 skipped') },
      { name: 'aims', code: says('reached  orders/s: 412', 'MISSED   start: 6 s', 'reached  memory: 3') },
      { name: 'silent', code: '' },
      { name: 'broken', code: says('one moment') + 'process.exit(3)' },
      { name: 'often', code: jestOf(0), times: 3 },
    );
    expect(total).toEqual({ passed: 5 + 4 + 2 + 1 + 0 + 15, failed: 1 + 1 + 1, skipped: 1 + 2 + 3 });
    expect(said).toContain('one moment');
    const rows = [...report.matchAll(/^\| (\w+) \| \d+\.\d \| (.*) \|$/gm)].map(
      ([, name, counts]) => `${name}: ${counts}`,
    );
    expect(rows).toEqual([
      'tests: 5 | 1 | 1',
      'lines: 4 | 0 | 2',
      'aims: 2 | 1 | 0',
      'silent: 1 | 0 | 0',
      'broken: 0 | 1 | 0',
      'often: 15 | 0 | 3',
      'all: 27 | 3 | 6',
    ]);
  });

  it('shows the end of what failed, and how to have it again', () => {
    const { report } = pass(
      { name: 'tests', code: jestOf(1), env: { CHAOS_KILLS: '3' } },
      { name: 'broken', code: "console.error('no such shop'); process.exit(3)" },
      { name: 'fine', code: says('1 passed, 0 failed, 0 skipped') },
    );
    expect(report).toMatch(/^## tests\n\n`CHAOS_KILLS=3 .*`: status 1\..*\n\n- a cart is full of eels$/m);
    expect(report).toMatch(/^## broken\n\n.*: status 3\. The end of broken-1\.log:\n\n````\nno such shop\n````$/m);
    expect(report).not.toContain('## fine');
  });

  it('says what a program that is not there is called', () => {
    const { main, report } = nightOf({ name: 'none', code: '' });
    writeFileSync(main, readFileSync(main, 'utf8').replace(JSON.stringify(process.execPath), '"no-such-program"'));
    spawnSync(process.execPath, [main]);
    expect(report()).toMatch(/`no-such-program .*spawn no-such-program ENOENT/);
  });

  it('ends a program that takes too long, with all that it has started', () => {
    const forever = 'setInterval(() => {}, 1000)';
    const { total, report } = pass(
      {
        name: 'endless',
        code: `require('child_process').spawn(process.execPath, ['-e', '${forever}'], { stdio: 'inherit' }); ${forever}`,
        minutes: 0.01,
      },
      { name: 'next', code: '' },
    );
    expect(total).toEqual({ passed: 1, failed: 1, skipped: 0 });
    expect(report).toContain('ended after 0.01 minutes');
  });

  it('leaves a whole report when it is stopped', async () => {
    const { main, report } = nightOf(
      { name: 'begun', code: `${says('under way')} setInterval(() => {}, 1000)` },
      { name: 'never', code: '' },
    );
    const night = spawn(process.execPath, [main]);
    await new Promise<void>((resolve) =>
      night.stdout.on('data', (text) => String(text).includes('under way') && resolve()),
    );
    night.kill('SIGINT');
    await once(night, 'close');
    expect(report()).toMatch(/\| begun \| 0\.\d \| 0 \| 1 \| 0 \|/);
    expect(report()).toContain('Not run: never.');
  });

  it.each([
    ['--list', '', 0, /^jest\nproperties, 20 times\n[^]*\nchaos-embedded\nchaos-deployed\ncrowd\nbench-/],
    ['--list', '--only=chaos,crowd', 0, /^chaos-embedded\nchaos-deployed\ncrowd\n$/],
    ['--list', '--only=chaos,nix', 2, /^There is no nix; there are jest, /],
    ['--fast', '', 2, /--fast/],
  ])('understands %s %s', (first, second, status, pattern) => {
    const args = [inRoot('scripts/night.mjs'), first, second].filter((arg) => arg !== '');
    const ended = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([ended.status, ended.stdout + ended.stderr]).toEqual([status, expect.stringMatching(pattern)]);
  });
});
