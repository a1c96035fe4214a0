/** Says whether an aim is reached: `verdict('orders/s', 412, { atLeast: 300 })`. */
export function verdict(
  what: string,
  figure: number,
  { atLeast, atMost, unit = '' }: { readonly atLeast?: number; readonly atMost?: number; readonly unit?: string },
): string {
  const reached = figure >= (atLeast ?? -Infinity) && figure <= (atMost ?? Infinity);
  const aim = atLeast === undefined ? `at most ${number(atMost!)}${unit}` : `at least ${number(atLeast)}${unit}`;
  return `${reached ? 'reached' : 'MISSED '}  ${what}: ${number(figure)}${unit} (${aim})`;
}

/** `12,345` or, below a hundred, with one decimal. */
export const number = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 });
