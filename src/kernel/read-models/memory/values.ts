import type { JsonObject } from '../../json';
import type { Scalar } from '../query-language';

/**
 * What MongoDB finds at a path of a document, and how it orders values. Filters and indexes both stand on these functions,
 * so that what an index says about a document is exactly what the filter would have said.
 */
export type Path = readonly string[];

export const isDocument = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Whether `test` holds for a value at the path; `undefined` stands for a missing one. A list on the way is searched in
 * each of its documents (their absence is no missing value); a list at the end of the path is handed over as it is.
 */
export function someAt(node: unknown, path: Path, test: (value: unknown) => boolean, depth = 0): boolean {
  if (depth === path.length) return test(node);
  if (Array.isArray(node)) return node.some((member) => isDocument(member) && someAt(member, path, test, depth));
  if (!isDocument(node)) return test(undefined);
  return someAt(node[path[depth]!], path, test, depth + 1);
}

/** Below a list, where a path leads to as many values as the list has documents. */
export const LISTED = Symbol('below a list');

/** The value at the path if only documents are on the way, which is nearly always so; undefined: missing. */
export function plainAt(document: JsonObject, path: Path): unknown {
  let node: unknown = document;
  for (let depth = 0; depth < path.length; depth++) {
    if (typeof node !== 'object' || node === null) return undefined;
    if (Array.isArray(node)) return LISTED;
    node = (node as Record<string, unknown>)[path[depth]!];
  }
  return node;
}

/** Each scalar that equality at the path would match: null for a missing value, the members of a list. */
export function equalTo(document: JsonObject, path: Path): Scalar[] {
  const found: Scalar[] = [];
  someAt(document, path, (value) => {
    if (Array.isArray(value)) for (const member of value) addScalar(found, member);
    else addScalar(found, value);
    return false;
  });
  return found;
}

function addScalar(found: Scalar[], value: unknown): void {
  if (typeof value !== 'object') found.push((value ?? null) as Scalar);
  else if (value === null) found.push(null);
}

/** What a sorted index holds of a document, as in MongoDB: missing is null, an empty list comes before null (undefined). */
export function sortedBy(document: JsonObject, path: Path): readonly unknown[] {
  const values: unknown[] = [];
  someAt(document, path, (value) => {
    if (!Array.isArray(value)) values.push(value ?? null);
    else if (value.length === 0) values.push(undefined);
    else for (const member of value) values.push(member);
    return false;
  });
  return values.length > 0 ? values : [null];
}

/** The value by which a document is sorted: of a list the smallest when ascending, the largest when descending. */
export function sortValue(document: JsonObject, path: Path, direction: 1 | -1): unknown {
  const plain = plainAt(document, path);
  if (plain !== LISTED && !Array.isArray(plain)) return plain ?? null;
  const values = sortedBy(document, path);
  return values.reduce((best, value) => (compareValues(value, best) * direction < 0 ? value : best));
}

/** BSON's order: (empty list) < null < numbers < strings < documents < lists < booleans. */
export function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : 1;
  const byType = typeOrder(a) - typeOrder(b);
  if (byType !== 0) return byType;
  if (typeof a === 'boolean') return a ? 1 : -1;
  return compareFields(a as object, b as object);
}

function typeOrder(value: unknown): number {
  switch (typeof value) {
    case 'undefined':
      return 0;
    case 'number':
      return 2;
    case 'string':
      return 3;
    case 'boolean':
      return 6;
    default:
      return value === null ? 1 : Array.isArray(value) ? 5 : 4;
  }
}

/** Documents, and lists as documents with equal names: field by field, by type, name and value, then by length. */
function compareFields(a: object, b: object): number {
  const left = Object.entries(a);
  const right = Object.entries(b);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const [leftName, leftValue] = left[i] as [string, unknown];
    const [rightName, rightValue] = right[i] as [string, unknown];
    const order =
      typeOrder(leftValue) - typeOrder(rightValue) ||
      compareValues(leftName, rightName) ||
      compareValues(leftValue, rightValue);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
