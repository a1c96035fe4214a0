import { problem } from './problem';
import { pointerTo } from './pointer';

/** Objects and lists in each other, at most so many levels. */
export const MAX_DEPTH = 10;
/** Members of one list: validating costs microseconds for each, whatever limit the schema puts on it. */
export const MAX_ITEMS = 1_000;
/** Members of one object. */
export const MAX_MEMBERS = 100;
/** Values in all, each list, object, text, number, true, false and null. The largest product has half as many. */
export const MAX_VALUES = 20_000;

/** Names that any object has: what looks them up finds something where a client sent nothing, or passes over what was sent. */
const FORBIDDEN_NAMES = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);
/** The part of a SyntaxError that quotes nothing but one character of the body, which may hold secrets. */
const WHERE = /^(Unexpected token '.'|Unexpected end of JSON input|.* at position \d+)/u;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Parses a body and refuses what no schema should ever see: names that reach prototypes or operators of a query language
 * (`__proto__`, `toString`, `$ne`, `a.b`), numbers that JavaScript can't hold exactly, text that is not Unicode, deep nesting, and
 * more values than any request needs, before anybody looks at each. An empty body is none: undefined.
 * @throws Rejected `json-invalid`, with a pointer to the place
 */
export function parseBody(text: string): unknown {
  if (text === '') return undefined;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw problem('json-invalid', { detail: WHERE.exec((error as SyntaxError).message)?.[0] });
  }
  check(body, { path: [], values: 0 });
  return body;
}

/** `path` grows and shrinks with the walk: a pointer is made only for what is refused. */
interface Walk {
  readonly path: (string | number)[];
  values: number;
}

function check(value: unknown, walk: Walk): void {
  const { path } = walk;
  if (++walk.values > MAX_VALUES) refuse([], `must not have more than ${MAX_VALUES} values`);
  if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value)) refuse(path, 'must be well-formed Unicode');
  } else if (typeof value === 'number') {
    if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) refuse(path, 'must be a number from -(2^53-1) to 2^53-1');
  } else if (typeof value === 'object' && value !== null) {
    if (path.length >= MAX_DEPTH) refuse(path, `must not be nested more than ${MAX_DEPTH} levels deep`);
    if (Array.isArray(value)) {
      if (value.length > MAX_ITEMS) refuse(path, `must not have more than ${MAX_ITEMS} items`);
      for (let i = 0; i < value.length; i++) checkMember(value[i], i, walk);
    } else {
      let members = 0;
      for (const name in value) {
        if (++members > MAX_MEMBERS) refuse(path, `must not have more than ${MAX_MEMBERS} members`);
        if (isForbidden(name)) refuse([...path, name], 'must not have this name');
        checkMember((value as Record<string, unknown>)[name], name, walk);
      }
    }
  }
}

function checkMember(value: unknown, name: string | number, walk: Walk): void {
  walk.path.push(name);
  check(value, walk);
  walk.path.pop();
}

/** Whether a name could be taken for a part of every object, an operator or a path. */
export const isForbidden = (name: string): boolean =>
  name.charCodeAt(0) === 36 /* $ */ || name.includes('.') || FORBIDDEN_NAMES.has(name) || LONE_SURROGATE.test(name);

function refuse(path: readonly (string | number)[], detail: string): never {
  throw problem('json-invalid', { errors: [{ pointer: pointerTo(path), detail }] });
}
