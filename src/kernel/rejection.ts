import type { Position } from './position';

/** A problem type of the public API (RFC 9457): how a rejection, or any other error, is answered. */
export interface ProblemType {
  /** HTTP status code. */
  readonly status: number;
  /** One sentence, the same for every occurrence. */
  readonly title: string;
}

const registry = new Map<string, ProblemType>();

/** Every problem type that was declared, by code: the API reference lists them. */
export const problemTypes: ReadonlyMap<string, ProblemType> = registry;

/** A decision said no. It is an answer to who asked, never an event. */
export class Rejected extends Error {
  /** Where the stream stood when it was decided, so that the answer can carry a consistency token. */
  at: Position | null = null;

  constructor(
    readonly code: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(registry.get(code)?.title ?? code);
    this.name = 'Rejected';
  }
}

/**
 * Declares the problem types of a context and gives the function that rejects with one of them:
 * `throw rejected('cart-full', { most: 100 })`. Details become members of the problem document.
 */
export function rejections<C extends string>(types: Record<C, readonly [status: number, title: string]>) {
  for (const [code, [status, title]] of Object.entries(types) as [C, readonly [number, string]][]) {
    if (registry.has(code)) throw new Error(`Problem type ${code} is declared twice.`);
    registry.set(code, { status, title });
  }
  return (code: C, details?: Readonly<Record<string, unknown>>): Rejected => new Rejected(code, details);
}
