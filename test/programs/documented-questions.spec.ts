import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AnalystShell, documentedQuestions } from '../support/documented-questions';
import { startCompiled } from '../support/programs';
import { listening } from '../support/shop-process';
import { tempFolderOfThisFile } from '../support/temp-folder';

const ROOT = join(__dirname, '..', '..');
const CLI = join(ROOT, 'dist', 'src', 'history', 'cli.js');

/** Lets a shop with its demo catalogue have a day of trade in an empty data folder, just as the page says that it is made. */
async function trade(dataDir: string): Promise<void> {
  const env = { DATA_DIR: dataDir, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'warn', RATE_LIMITS: 'off' };
  const shop = await listening(startCompiled('src/main.js', [], { env }), /API +(http:\S+)\/api/);
  try {
    await promisify(execFile)(process.execPath, [join(ROOT, 'scripts', 'trade.mjs'), shop.url]);
  } finally {
    await shop.stop();
  }
}

/** The first line, with its ids, times and numbers as what they are: of a table, the names of its columns. */
const headOf = (output: string): string =>
  output
    .split('\n', 1)[0]!
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/[0-9A-Z]{5}-[0-9A-Z]{5}/g, '<order number>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/ in \S+, as of/g, ' in <folder>, as of')
    .replaceAll(/\d+/g, '<number>')
    .replaceAll(/ +/g, ' ');

describe('docs/history.md', () => {
  const { preparation, questions } = documentedQuestions(ROOT);
  const dataDir = tempFolderOfThisFile();
  const folder = tempFolderOfThisFile();
  let shell: AnalystShell;
  beforeAll(async () => {
    await trade(dataDir);
    shell = await AnalystShell.open({ folder, cli: CLI, dataDir, preparation });
  }, 120_000);

  it('asks ten questions', () => {
    expect(questions).toHaveLength(10);
  });

  it.each(questions)('answers “$name” as printed', async ({ command, output }) => {
    const answer = await shell.run(command);
    expect(headOf(answer)).toBe(headOf(output));
    expect(answer).not.toContain('(0 rows');
    expect(answer.trimEnd().split('\n').length).toBeGreaterThan(1);
  });

  it('names only scripts that there are', () => {
    const page = readFileSync(join(ROOT, 'docs', 'history.md'), 'utf8');
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const named = [...page.matchAll(/npm run (?:--silent )?(\w[\w:-]*)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
