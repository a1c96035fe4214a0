/** What the metadata of a stream says of the events that are read from it. */
export interface StreamLimits {
  readonly maxCount: number;
  /** In seconds. */
  readonly maxAge: number;
  /** `$tb`: the first revision that is read. */
  readonly truncateBefore: number;
}

export const NO_LIMITS: StreamLimits = { maxCount: Infinity, maxAge: Infinity, truncateBefore: 0 };

/** Of the data of a `$metadata` event; text that is not an object of JSON, or numbers that are none, are as if there were no metadata. */
export function streamLimitsOf(metadata: string): StreamLimits {
  const members = membersOf(metadata);
  const number = (name: string, otherwise: number): number => {
    const value = members[name] ?? otherwise;
    return typeof value === 'number' ? value : NaN;
  };
  const limits = {
    maxCount: number('$maxCount', NO_LIMITS.maxCount),
    maxAge: number('$maxAge', NO_LIMITS.maxAge),
    truncateBefore: number('$tb', NO_LIMITS.truncateBefore),
  };
  const valid = Object.values(limits).every((limit) => limit === Infinity || Number.isInteger(limit));
  return valid ? limits : NO_LIMITS;
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
