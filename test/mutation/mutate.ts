import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inRoot } from '../support/root';
import { scoreOf, type Mutant, type Score } from './scores';

const STRYKER = join(dirname(require.resolve('@stryker-mutator/core/package.json')), 'bin', 'stryker.js');

/** Nothing of these is read by tests of the domain. */
const NOT_COPIED = ['bin', 'coverage', 'data', 'deploy', 'dist', 'docs', '.git'];

const settings = (file: string, specs: readonly string[], folder: string, report: string) => ({
  mutate: [file],
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  jest: {
    configFile: 'jest.mutation.config.js',
    config: { testMatch: specs.map((spec) => `<rootDir>/${spec}`) },
    // Jest does not find them through the imports of package.json.
    enableFindRelatedTests: false,
  },
  coverageAnalysis: 'perTest',
  // Nobody checks types here: swc leaves them out.
  disableTypeChecks: false,
  concurrency: 1,
  ignorePatterns: NOT_COPIED,
  tempDirName: join(folder, 'copies'),
  cleanTempDir: 'always',
  reporters: ['json'],
  jsonReporter: { fileName: report },
  thresholds: { high: 100, low: 100, break: null },
  logLevel: 'warn',
  warnings: { slow: false },
  allowConsoleColors: false,
});

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>;
}

/**
 * Makes every mutant of a file, in a copy of the repository elsewhere, and runs these specs. Null: it took longer than
 * `mostMs` and was given up. @throws Error where it could not be done, as when tests fail before anything is changed
 */
export async function mutate(file: string, specs: readonly string[], mostMs: number): Promise<Score | null> {
  const folder = mkdtempSync(join(tmpdir(), 'chronocart-mutants-'));
  const [config, report] = [join(folder, 'stryker.json'), join(folder, 'report.json')];
  try {
    writeFileSync(config, JSON.stringify(settings(file, specs, folder, report)));
    const { code, inTime } = await run([STRYKER, 'run', config], mostMs);
    if (!inTime) return null;
    if (code !== 0 || !existsSync(report)) throw new Error(`${file} could not be mutated; why, stands above.`);
    const { files } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    return scoreOf(
      file,
      Object.values(files).flatMap(({ mutants }) => mutants),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A group of its own, so that its workers end with it. */
function run(args: readonly string[], mostMs: number): Promise<{ code: number | null; inTime: boolean }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: inRoot(),
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    const end = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
    let inTime = true;
    const late = () => {
      inTime = false;
      end();
    };
    const timer = Number.isFinite(mostMs) ? setTimeout(late, mostMs) : undefined;
    const interrupted = () => {
      end();
      process.exit(130);
    };
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      resolve({ code, inTime });
    });
  });
}
