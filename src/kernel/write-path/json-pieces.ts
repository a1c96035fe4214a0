import type { Json } from '../json';

/** So deep lists and objects are taken apart. */
const DEPTH = 3;

/**
 * The JSON of a value, in pieces that follow each other: with `JSON.stringify` a big one would be made in one go. Gives the same text,
 * for values that JSON has a text for.
 */
export function* jsonPieces(value: Json | undefined, depth = DEPTH): Generator<string, void> {
  if (depth === 0 || typeof value !== 'object' || value === null) {
    yield JSON.stringify(value ?? null);
  } else if (Array.isArray(value)) {
    let mark = '[';
    for (const member of value as readonly (Json | undefined)[]) {
      yield mark;
      yield* jsonPieces(member, depth - 1);
      mark = ',';
    }
    yield mark === '[' ? '[]' : ']';
  } else {
    let mark = '{';
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      yield `${mark}${JSON.stringify(name)}:`;
      yield* jsonPieces(member, depth - 1);
      mark = ',';
    }
    yield mark === '{' ? '{}' : '}';
  }
}
