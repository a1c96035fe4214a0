/**
 * Ranges that prices are counted in, the same for every currency, in minor units: from 0, 100, 200, 500, 1000, 2000, 5000, …
 * up to, without, the next of them.
 */
export function bandFrom(amountMinor: number): number {
  if (amountMinor < 100) return 0;
  const power = 10 ** (String(Math.floor(amountMinor)).length - 1);
  const step = [5, 2, 1].find((step) => amountMinor >= step * power) ?? 1;
  return step * power;
}

/** The first amount that is not in the band any more. */
export function bandTo(from: number): number {
  if (from === 0) return 100;
  const leading = Number(String(from)[0]);
  return (from / leading) * (leading === 1 ? 2 : leading === 2 ? 5 : 10);
}

/** `EUR:1000`: the band of a price, as documents hold it. */
export const bandOf = (currency: string, amountMinor: number): string => `${currency}:${bandFrom(amountMinor)}`;

export function partsOfBand(band: string): { currency: string; fromMinor: number; toMinor: number } {
  const [currency = '', from] = band.split(':');
  const fromMinor = Number(from);
  return { currency, fromMinor, toMinor: bandTo(fromMinor) - 1 };
}
