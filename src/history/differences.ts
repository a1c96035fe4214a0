import { pointerTo } from '../kernel/http/pointer';
import type { Json } from '../kernel/json';
import { isSealed } from '../kernel/personal-data/find-sealed';
import { aligned } from './alignment';

/**
 * One step of the way from one value to another, as RFC 6902 means it: each is made on what those before it have left. `path` is a
 * JSON Pointer (RFC 6901); `before` is what stood there, `after` what stands there then.
 */
export type Difference =
  | { readonly op: 'add'; readonly path: string; readonly after: Json }
  | { readonly op: 'remove'; readonly path: string; readonly before: Json }
  | { readonly op: 'replace'; readonly path: string; readonly before: Json; readonly after: Json };

type Place = readonly (string | number)[];

/** What turns `before` into `after`; none: they say the same. A sealed value is one value, and nothing in it is looked at. */
export function differences(before: Json, after: Json): Difference[] {
  const found: Difference[] = [];
  compare(before, after, [], found);
  return found;
}

/** Whether two plain values say the same: the order of members does not matter, and one that is undefined is not there. */
export const isSame = (a: Json | undefined, b: Json | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && differences(a, b).length === 0);

function compare(before: Json, after: Json, place: Place, found: Difference[]): void {
  if (before === after) return;
  if (isList(before) && isList(after)) return compareLists(before, after, place, found);
  if (isObject(before) && isObject(after) && !isSealed(before) && !isSealed(after))
    return compareObjects(before, after, place, found);
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  found.push({ op: 'replace', path: pointerTo(place), before, after });
}

function compareObjects(before: JsonMembers, after: JsonMembers, place: Place, found: Difference[]): void {
  for (const [name, was] of Object.entries(before)) {
    if (was === undefined) continue;
    const is = memberOf(after, name);
    if (is === undefined) found.push({ op: 'remove', path: pointerTo([...place, name]), before: was });
    else compare(was, is, [...place, name], found);
  }
  for (const [name, is] of Object.entries(after))
    if (is !== undefined && memberOf(before, name) === undefined)
      found.push({ op: 'add', path: pointerTo([...place, name]), after: is });
}

function compareLists(before: readonly Json[], after: readonly Json[], place: Place, found: Difference[]): void {
  let at = 0;
  for (const [was, is] of aligned(before, after, isSame)) {
    const path = () => pointerTo([...place, at]);
    if (is === undefined) found.push({ op: 'remove', path: path(), before: was as Json });
    else if (was === undefined) found.push({ op: 'add', path: path(), after: is });
    else compare(was, is, [...place, at], found);
    if (is !== undefined) at++;
  }
}

type JsonMembers = { readonly [name: string]: Json | undefined };

/** `constructor` and the like are members only of an object that has them itself. */
const memberOf = (object: JsonMembers, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const isObject = (value: Json): value is JsonMembers =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
