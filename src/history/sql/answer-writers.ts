import type { Json } from '@duckdb/node-api';
import type { Io } from '../cli/io';
import type { CopyManifest } from '../columnar/copy-manifest';
import { type CsvCell, csvRow } from '../csv-row';
import { asOfText } from './history-sql';
import type { SqlAnswer, SqlColumn } from './sql-database';

/** Writes an answer while it comes; each says what it is as of. */
export type AnswerWriter = (answer: SqlAnswer, copy: CopyManifest, io: Io) => Promise<void>;

/** The widths of columns are those of so many rows; later ones that are wider stick out. */
const MEASURED = 1_000;
/** On a terminal a cell is cut after so many characters. */
const WIDEST = 60;
/** Aligned to the right. */
const NUMBERS =
  /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL.*)$/;

const textOf = (value: Json): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Nothing that a terminal would take for a command, and no line break. */
const shown = (value: Json): string => textOf(value).replaceAll(/\p{Cc}/gu, ' ');

/** Columns that stand under each other. */
export const writeTable: AnswerWriter = async ({ columns, pages }, copy, io) => {
  const cut = (text: string) => (io.isTerminal && text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text);
  const cells = (row: readonly Json[]) => row.map((value) => cut(shown(value)));
  let waiting: string[][] = [];
  let widths: number[] | null = null;
  let rows = 0;
  const flush = () => {
    if (widths === null) {
      widths = columns.map(({ name }, n) => Math.max(name.length, ...waiting.map((row) => row[n]!.length)));
      io.out(
        `${aligned(
          columns.map(({ name }) => name),
          columns,
          widths,
        )}\n${widths.map((width) => '─'.repeat(width)).join('  ')}\n`,
      );
    }
    const known = widths;
    io.out(waiting.map((row) => `${aligned(row, columns, known)}\n`).join(''));
    waiting = [];
  };
  for await (const page of pages) {
    rows += page.length;
    waiting.push(...page.map(cells));
    if (widths !== null || waiting.length >= MEASURED) flush();
    await io.drained();
  }
  flush();
  io.out(`(${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}, ${asOfText(copy)})\n`);
};

const aligned = (cells: readonly string[], columns: readonly SqlColumn[], widths: readonly number[]): string =>
  cells
    .map((cell, n) => (NUMBERS.test(columns[n]!.type) ? cell.padStart(widths[n]!) : cell.padEnd(widths[n]!)))
    .join('  ')
    .trimEnd();

/** A name for each, so that an object can hold all of them: the second `a` is `a_1`. */
export function distinctNames(columns: readonly SqlColumn[]): SqlColumn[] {
  const asked = new Set(columns.map(({ name }) => name));
  const taken = new Set<string>();
  return columns.map(({ name, type }) => {
    let own = name;
    for (let n = 1; taken.has(own) || (own !== name && asked.has(own)); n++) own = `${name}_${n}`;
    taken.add(own);
    return { name: own, type };
  });
}

/** One JSON document: `{ asOf, columns, rows: [{ … }, …] }`. */
export const writeJson: AnswerWriter = async ({ columns: given, pages }, { asOf }, io) => {
  const columns = distinctNames(given);
  io.out(`{"asOf":${JSON.stringify(asOf)},"columns":${JSON.stringify(columns)},"rows":[`);
  let separator = '\n';
  for await (const page of pages) {
    for (const row of page) {
      io.out(`${separator}${jsonRow(columns, row)}`);
      separator = ',\n';
    }
    await io.drained();
  }
  io.out('\n]}\n');
};

const jsonRow = (columns: readonly SqlColumn[], row: readonly Json[]): string =>
  JSON.stringify(Object.fromEntries(columns.map(({ name }, n) => [name, row[n]])));

/** RFC 4180; what it is as of is told beside it. */
export const writeCsv: AnswerWriter = async ({ columns, pages }, copy, io) => {
  const isNumber = columns.map(({ type }) => NUMBERS.test(type));
  io.out(csvRow(columns.map(({ name }) => name)));
  for await (const page of pages) {
    io.out(page.map((cells) => csvRow(cells.map((value, n) => csvValue(value, isNumber[n]!)))).join(''));
    await io.drained();
  }
  io.err(`Everything is ${asOfText(copy)}.`);
};

/** With the mark by which Excel knows UTF-8. */
export const writeCsvWithBom: AnswerWriter = (answer, copy, io) => {
  io.out('\uFEFF');
  return writeCsv(answer, copy, io);
};

/** A number of more digits than one of JavaScript holds is a text here, and yet no formula. */
const csvValue = (value: Json, isNumber: boolean): CsvCell =>
  value === null ? null : isNumber ? { number: textOf(value) } : textOf(value);
