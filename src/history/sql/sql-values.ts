import {
  type DuckDBType,
  DuckDBTypeId,
  type Json,
  type DuckDBTimestampTZValue,
  type DuckDBValueConverter,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';

type Convert = DuckDBValueConverter<Json>;

/** Whole numbers of any width: a number while that is exact, else text. */
const wholeNumber = (value: unknown): Json => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
};

/** A decimal has up to 38 digits; a number is exact for 15. */
const decimal = (value: unknown): Json => {
  const text = String(value);
  return text.replaceAll(/\D/g, '').length <= 15 ? Number(text) : text;
};

/** Milliseconds before and after 1970 that a Date can hold (ECMA-262, 21.4.1.1). */
const MOST_OF_A_DATE = 8_640_000_000_000_000n;

/** ISO 8601, UTC, with microseconds only where there are any; what is beyond the years of ISO as DuckDB writes it. */
const instant = (value: unknown): Json => {
  const { isFinite, micros } = value as DuckDBTimestampTZValue;
  if (!isFinite) return micros > 0n ? 'infinity' : '-infinity';
  const rest = ((micros % 1_000n) + 1_000n) % 1_000n;
  const milliseconds = (micros - rest) / 1_000n;
  if (milliseconds > MOST_OF_A_DATE || milliseconds < -MOST_OF_A_DATE) return String(value);
  const text = new Date(Number(milliseconds)).toISOString();
  return rest === 0n ? text : text.replace('Z', `${String(rest).padStart(3, '0')}Z`);
};

/** What a text of JSON says; what is no JSON after all stays text. */
export function parsedJson(value: Json): Json {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

const WHOLE = new Set([DuckDBTypeId.BIGINT, DuckDBTypeId.UBIGINT, DuckDBTypeId.HUGEINT, DuckDBTypeId.UHUGEINT]);

/** A value of a result as JSON can carry it. */
export const jsonValue: Convert = (value, type: DuckDBType, converter) => {
  if (value === null || value === undefined) return null;
  if (WHOLE.has(type.typeId)) return wholeNumber(value);
  if (type.typeId === DuckDBTypeId.DECIMAL) return decimal(value);
  if (type.typeId === DuckDBTypeId.TIMESTAMP_TZ) return instant(value);
  return JsonDuckDBValueConverter(value, type, converter);
};
