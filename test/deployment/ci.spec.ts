import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRoot } from '../support/root';
import { tempFolder } from '../support/temp-folder';

const results = [
  { fullName: 'adds', status: 'passed', failureMessages: [] },
  { fullName: 'subtracts', status: 'failed', failureMessages: ['Expected: 1\\nReceived: 2'] },
  { fullName: 'divides', status: 'failed', failureMessages: ['by zero'] },
];

/** Writes what Jest reports of a run. */
const jestOf = (failed: number): string =>
  `echo '${JSON.stringify({
    numPassedTests: 7,
    numFailedTests: failed,
    numRuntimeErrorTestSuites: 0,
    numPendingTests: 2,
    numTodoTests: 1,
    testResults: [
      { name: 'a.spec.ts', status: 'failed', message: 'Cannot find module', assertionResults: [] },
      { name: 'b.spec.ts', status: 'failed', message: '', assertionResults: results.slice(0, failed + 1) },
    ].slice(failed === 0 ? 1 : 0),
  })}' >"$REPORT"`;

/** What the programs that .ci/run calls do here. */
const programs = {
  npm: `case "$1" in test) ${jestOf(0)} ;; esac`,
  npx: jestOf(0),
  'apt-get': 'exit 1',
  promtool: '',
  java: '',
  mvn: '',
  nginx: '',
};

/** Runs .ci/run in a folder of its own, with small programs in the place of npm and the others. */
function ci(others: Partial<typeof programs> = {}, mining = 'echo "4 passed, 0 failed, 0 skipped"') {
  const folder = tempFolder();
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    chmodSync(join(folder, path), 0o755);
  };
  for (const path of ['.ci/run', 'scripts/counts.mjs', 'scripts/failed-tests.mjs']) {
    put(path, '');
    copyFileSync(inRoot(path), join(folder, path));
  }
  put('test/process-mining/run.sh', mining);
  for (const [name, text] of Object.entries({ ...programs, ...others })) put(`bin/${name}`, `#!/bin/sh\n${text}\n`);
  symlinkSync(process.execPath, join(folder, 'bin/node'));
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` };
  const { stdout, status } = spawnSync('bash', [join(folder, '.ci/run')], { env, encoding: 'utf8' });
  return { status, lines: stdout.trimEnd().split('\n') };
}

/** The rows of the table before the last line, without the last one, and their times. */
function table(lines: readonly string[]): Record<string, string | undefined> {
  const rows = lines.slice(lines.lastIndexOf('') + 2, -2);
  return Object.fromEntries(rows.map((row) => /^(\S+) +\d+:\d\d *(.*)$/.exec(row)?.slice(1, 3) ?? [row]));
}

describe('.ci/run', () => {
  it('says at the end how long each took and what came of it, and counts everything in its last line', () => {
    const { status, lines } = ci();
    expect(table(lines)).toEqual({
      install: '',
      lint: '',
      typecheck: '',
      promtool: '',
      jest: '7 passed, 0 failed, 3 skipped',
      java: '',
      nginx: '',
      real: '7 passed, 0 failed, 3 skipped',
      'process-mining': '4 passed, 0 failed, 0 skipped',
    });
    expect(lines.at(-2)).toMatch(/^all +\d+:\d\d$/);
    expect(lines.at(-1)).toBe('18 passed, 0 failed, 6 skipped');
    expect(status).toBe(0);
  });

  it('goes on after what failed, and ends with status 1', () => {
    const npm = `case "$*" in "run lint") exit 1 ;; test*) ${jestOf(2)}; exit 1 ;; esac`;
    const { status, lines } = ci(
      { npm, npx: 'echo "no report"; exit 1' },
      'echo "4 passed, 0 failed, 0 skipped"; exit 3',
    );
    expect(table(lines)).toMatchObject({
      lint: 'failed',
      jest: '7 passed, 2 failed, 3 skipped',
      real: '0 passed, 1 failed, 0 skipped',
      'process-mining': '4 passed, 1 failed, 0 skipped',
    });
    expect(lines.at(-1)).toBe('11 passed, 5 failed, 3 skipped');
    const told = lines.slice(lines.indexOf('FAILED a.spec.ts'), lines.lastIndexOf(''));
    expect(told.join('\n')).toBe(
      'FAILED a.spec.ts\n    Cannot find module\n' +
        'FAILED subtracts\n    Expected: 1\n    Received: 2\nFAILED divides\n    by zero',
    );
    expect(status).toBe(1);
  });

  it('ends where nothing can be installed', () => {
    const { status, lines } = ci({ npm: 'exit 1' });
    expect(table(lines)).toEqual({ install: 'failed' });
    expect([lines.at(-1), status]).toEqual(['0 passed, 1 failed, 0 skipped', 1]);
  });
});
