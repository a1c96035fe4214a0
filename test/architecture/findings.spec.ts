import { spawnSync } from 'node:child_process';
import { has, texts } from './proofs';

/** docs/decisions/0004: a row of its table is `| finding | what holds now | `` `file` › `test` `` | commit |`. */
const PAGE = 'docs/decisions/0004-what-outsiders-found.md';
const ROW =
  /^\| (?<finding>[a-z]+ (?:[A-Z]?\d+|[a-z])) +\| (?<holds>.+?) +\| `(?<file>[^`]+)` › `(?<test>[^`]+)` +\| (?<commit>[\da-f]{7,12}) +\|$/;

type Row = Readonly<Record<'finding' | 'file' | 'test' | 'commit', string>>;

const lines = (texts.get(PAGE) ?? '').split('\n');
const rows = lines.flatMap((line) => (ROW.exec(line)?.groups as Row | undefined) ?? []);

const numbers = (report: string, prefix: string, ...list: number[]) => list.map((n) => `${report} ${prefix}${n}`);
/** What the page must tell of: the rest of the reports follows. */
const FINDINGS = [
  ...numbers('kernel', '', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
  ...numbers('security', '', 1, 2, 3, 4, 5, 6, 8, 9, 11),
  ...numbers('infra', 'F', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
  ...numbers('infra', 'A', 1, 2),
  ...numbers('outsiders', 'A', 1, 2, 3),
  ...numbers('outsiders', 'B', 3, 4),
  ...numbers('outsiders', 'C', 8),
  ...numbers('outsiders', '', 12),
  ...numbers('commerce', 'F', 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 21),
  // Small ones have letters.
  ...[...'abcdefgiklmn'].map((letter) => `commerce ${letter}`),
];

describe(PAGE, () => {
  it('is understood: every row of its table', () => {
    const table = lines.filter((line) => line.startsWith('| ') && !/^\| (finding|-)/.test(line));
    expect(table.filter((line) => !ROW.test(line))).toEqual([]);
  });

  it('says of every finding what holds now', () => {
    const told = new Set(rows.map(({ finding }) => finding));
    expect(FINDINGS.filter((finding) => !told.has(finding))).toEqual([]);
  });

  it('names tests that exist and run', () => {
    const missing = rows.filter(({ file, test }) => !has(file, test));
    expect(missing.map(({ finding, file, test }) => `${finding}: ${file} › ${test}`)).toEqual([]);
  });

  it('names commits that are in the history, where that is there', () => {
    const { status, stdout } = spawnSync('git', ['log', '--format=%h %H'], { encoding: 'utf8' });
    const isWhole =
      spawnSync('git', ['rev-parse', '--is-shallow-repository'], { encoding: 'utf8' }).stdout.trim() === 'false';
    if (status !== 0 || !isWhole) return;
    const commits = stdout.split('\n').map((line) => line.split(' ')[1] ?? '');
    const missing = rows.filter(({ commit }) => !commits.some((hash) => hash.startsWith(commit)));
    expect(missing.map(({ finding, commit }) => `${finding}: ${commit}`)).toEqual([]);
  });
});
