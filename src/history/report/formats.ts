const LOCALE = 'en-US';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const countText = (count: number): string => count.toLocaleString(LOCALE);

/** `3 orders`, `1 order`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`;

/** A share of a whole, as `61 %`; of nothing: `–`. */
export const shareText = (part: number, whole: number): string => {
  if (whole === 0) return '–';
  const share = (part / whole) * 100;
  return `${share > 0 && share < 10 ? share.toFixed(1) : Math.round(share)} %`;
};

/** An amount in minor units of a currency, as `€1,234.50`. */
export const moneyText = (minor: number, currency: string): string => {
  const format = new Intl.NumberFormat(LOCALE, { style: 'currency', currency });
  return format.format(minor / minorUnits(format));
};

/** The same for the ticks of an axis: `€1.2K`. */
export const shortMoneyText = (minor: number, currency: string): string => {
  const whole = new Intl.NumberFormat(LOCALE, { style: 'currency', currency });
  const format = { style: 'currency', currency, notation: 'compact', maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(LOCALE, { ...format, minimumFractionDigits: 0 }).format(minor / minorUnits(whole));
};

/** ISO 4217: a euro has 100, a yen 1, a Kuwaiti dinar 1,000. */
const minorUnits = (format: Intl.NumberFormat): number => 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);

/** A length of time in milliseconds, in its two largest units. */
export function durationText(ms: number): string {
  if (ms < SECOND) return `${ms} ms`;
  if (ms < MINUTE) return `${Number((ms / SECOND).toFixed(1))} s`;
  if (ms < HOUR) return twoUnits(ms, MINUTE, 'min', SECOND, 's');
  return ms < DAY ? twoUnits(ms, HOUR, 'h', MINUTE, 'min') : twoUnits(ms, DAY, 'd', HOUR, 'h');
}

function twoUnits(ms: number, large: number, name: string, small: number, rest: string): string {
  const smalls = Math.round(ms / small);
  const perLarge = large / small;
  const left = smalls % perLarge;
  return `${Math.floor(smalls / perLarge)} ${name}${left === 0 ? '' : ` ${left} ${rest}`}`;
}

/** `2026-01-31 12:00:00 UTC`, of ISO 8601 in UTC. */
export const timeText = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

const DAY_AND_MONTH = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const MONTH = new Intl.DateTimeFormat(LOCALE, { month: 'short', year: 'numeric', timeZone: 'UTC' });

/** `Jan 31`. */
export const dayText = (iso: string): string => DAY_AND_MONTH.format(new Date(iso));
/** `Jan 2026`. */
export const monthText = (iso: string): string => MONTH.format(new Date(iso));

/** The beginning of a text of sellers', where there is little room. */
export const cut = (text: string, most: number): string => {
  const characters = [...text];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text;
};
