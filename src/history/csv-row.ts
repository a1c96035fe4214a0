/** What a spreadsheet would take for a formula, also in full width (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** `number`: the digits of one that may be larger than a number of JavaScript. */
export type CsvCell = string | number | { readonly number: string } | null;

/**
 * A line of CSV (RFC 4180): quoted where it must be. Nothing at all is null, and `""` an empty text. A number stays as it is; a text
 * that a spreadsheet would take for a formula has an apostrophe before it.
 */
export const csvRow = (cells: readonly CsvCell[]): string => `${cells.map(cell).join(',')}\r\n`;

function cell(value: CsvCell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'object') return value.number;
  const text = FORMULA.test(value) ? `'${value}` : value;
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
