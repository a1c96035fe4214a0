import type { FindOptions, Filter, Sort } from './read-model-store';

/**
 * The part of MongoDB's query language that every adapter answers in the same way. What lies outside of it is refused
 * here, before an adapter sees it, so that a query cannot work on one adapter and fail on another:
 * - filters: `$and`, `$or`, equality (`$eq` or the value itself), `$in`, `$all`, `$gt $gte $lt $lte`, `$elemMatch`;
 * - operands: scalars (ranges: numbers and strings), for equality also a list of scalars; never whole documents, whose
 *   equality in MongoDB depends on the order of their fields;
 * - paths: names of fields joined by dots, never places in a list.
 * Strings are ordered by code unit in memory and by code point in MongoDB: they differ only where a character beyond
 * U+FFFF meets one between U+E000 and U+FFFF.
 */
export class UnsupportedQuery extends Error {
  constructor(what: string) {
    super(`${what} This is outside the query language of read models.`);
    this.name = 'UnsupportedQuery';
  }
}

export type Scalar = string | number | boolean | null;
export type RangeOperator = '$gt' | '$gte' | '$lt' | '$lte';

/** A filter, parsed. `path` '' is the member itself, inside `$elemMatch`. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'equals'; readonly path: string; readonly value: Scalar | readonly Scalar[] }
  | { readonly kind: 'in'; readonly path: string; readonly values: readonly Scalar[] }
  | {
      readonly kind: 'range';
      readonly path: string;
      readonly operator: RangeOperator;
      readonly value: number | string;
    }
  | {
      /** A list at `path` has a member (one value, or one document) that meets all of `of`. */
      readonly kind: 'some';
      readonly path: string;
      readonly members: 'values' | 'documents';
      readonly of: readonly Condition[];
    };

/** The conditions that a document must meet, all of them. @throws UnsupportedQuery */
export function parseFilter(filter: Filter): Condition[] {
  return conjuncts(filter, 'A filter');
}

/** The filter of what stands at a path, as one of the whole document. */
export function below(path: string, filter: Filter): Filter {
  const branches = (operand: unknown) => (operand as Filter[]).map((branch) => below(path, branch));
  return Object.fromEntries(
    Object.entries(filter).map(([key, operand]) =>
      key === '$and' || key === '$or' ? [key, branches(operand)] : [`${path}.${key}`, operand!],
    ),
  );
}

/** @throws UnsupportedQuery */
export function checkFindOptions({ sort, limit, projection }: FindOptions): void {
  if (sort !== undefined) checkSort(sort);
  if (limit !== undefined) checkLimit(limit);
  if (projection !== undefined) checkProjection(projection);
}

function checkSort(sort: Sort): void {
  for (const [path, direction] of Object.entries(sort)) {
    checkPath(path);
    if (direction !== 1 && direction !== -1) throw new UnsupportedQuery(`Sort of ${path} must be 1 or -1.`);
  }
}

function checkLimit(limit: unknown): void {
  if (!Number.isInteger(limit) || (limit as number) < 1)
    throw new UnsupportedQuery('A limit must be a whole number from 1.');
}

/** Fields all included (1) or all excluded (0); `_id` may differ. No path may lie inside another one. */
function checkProjection(projection: Readonly<Record<string, unknown>>): void {
  const paths = Object.keys(projection);
  for (const path of paths) {
    checkPath(path);
    const choice = projection[path];
    if (choice !== 0 && choice !== 1) throw new UnsupportedQuery(`The projection of ${path} must be 0 or 1.`);
  }
  const choices = new Set(paths.filter((path) => path !== '_id').map((path) => projection[path]));
  if (choices.size > 1) throw new UnsupportedQuery('A projection either includes fields or excludes them.');
  checkNested(paths);
}

function checkNested(paths: readonly string[]): void {
  const inside = paths.find((path) => paths.some((other) => path.startsWith(`${other}.`)));
  if (inside !== undefined)
    throw new UnsupportedQuery(`The path ${inside} lies inside another path of the projection.`);
}

/** @throws UnsupportedQuery unless `path` names a field, or a field inside of it, and so on. */
export function checkPath(path: unknown): asserts path is string {
  if (typeof path !== 'string') throw new UnsupportedQuery('A path must be a text.');
  if (path.startsWith('_') && !/^_id(\.|$)/.test(path))
    throw new UnsupportedQuery(`"${path}" begins with a name that is the store's own.`);
  for (const name of path.split('.')) {
    if (name === '' || name.startsWith('$') || /^\d+$/.test(name) || name in Object.prototype)
      throw new UnsupportedQuery(`"${path}" is not a path of field names.`);
  }
}

export const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);

export const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function conjuncts(filter: unknown, what: string): Condition[] {
  if (!isPlainObject(filter)) throw new UnsupportedQuery(`${what} must be an object of fields and conditions.`);
  return Object.entries(filter).flatMap(([key, operand]): Condition[] => {
    if (key === '$and') return branches(key, operand).flat();
    if (key === '$or') return [{ kind: 'or', of: branches(key, operand).map(together) }];
    if (key.startsWith('$')) throw new UnsupportedQuery(`The operator ${key} is not known.`);
    checkPath(key);
    return ofField(key, operand);
  });
}

const together = (of: readonly Condition[]): Condition => (of.length === 1 && of[0] ? of[0] : { kind: 'and', of });

function branches(operator: string, operand: unknown): Condition[][] {
  if (!Array.isArray(operand) || operand.length === 0)
    throw new UnsupportedQuery(`${operator} takes a list of filters.`);
  return operand.map((filter) => conjuncts(filter, `Each member of ${operator}`));
}

function ofField(path: string, operand: unknown): Condition[] {
  if (!isPlainObject(operand)) return [equals(path, operand)];
  const operators = Object.entries(operand);
  if (operators.length === 0 || operators.some(([key]) => !key.startsWith('$')))
    throw new UnsupportedQuery(`${path} is compared with a whole document: name its fields.`);
  return operators.flatMap(([operator, value]) => ofOperator(path, operator, value));
}

function ofOperator(path: string, operator: string, operand: unknown): Condition[] {
  switch (operator) {
    case '$eq':
      return [equals(path, operand)];
    case '$in':
      return [{ kind: 'in', path, values: scalars(operator, operand) }];
    case '$all': {
      const values = scalars(operator, operand);
      if (values.length === 0) return [{ kind: 'in', path, values }];
      return values.map((value) => ({ kind: 'equals', path, value }));
    }
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      if (typeof operand !== 'string' && !Number.isFinite(operand))
        throw new UnsupportedQuery(`${operator} of ${path} takes a number or a text.`);
      return [{ kind: 'range', path, operator, value: operand as number | string }];
    case '$elemMatch':
      return [ofMembers(path, operand)];
    default:
      throw new UnsupportedQuery(`The operator ${operator} (of ${path}) is not known.`);
  }
}

function ofMembers(path: string, operand: unknown): Condition {
  if (!isPlainObject(operand) || Object.keys(operand).length === 0)
    throw new UnsupportedQuery(`$elemMatch of ${path} takes conditions.`);
  const values = Object.keys(operand).every((key) => key.startsWith('$') && key !== '$and' && key !== '$or');
  if (!values) return { kind: 'some', path, members: 'documents', of: conjuncts(operand, '$elemMatch') };
  if ('$all' in operand) throw new UnsupportedQuery(`$all inside $elemMatch of ${path} is not known.`);
  return { kind: 'some', path, members: 'values', of: ofField('', operand) };
}

function equals(path: string, value: unknown): Condition {
  if (isScalar(value)) return { kind: 'equals', path, value };
  if (Array.isArray(value) && value.every(isScalar)) return { kind: 'equals', path, value };
  throw new UnsupportedQuery(
    value === undefined
      ? `${path || 'A member'} is compared with undefined.`
      : `${path || 'A member'} is compared with something that is neither a scalar nor a list of scalars.`,
  );
}

function scalars(operator: string, operand: unknown): readonly Scalar[] {
  if (!Array.isArray(operand) || !operand.every(isScalar))
    throw new UnsupportedQuery(`${operator} takes a list of scalars.`);
  return operand;
}
