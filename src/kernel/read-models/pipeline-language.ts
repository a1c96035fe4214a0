import type { JsonObject } from '../json';
import {
  checkLimit,
  checkNested,
  checkPath,
  checkProjection,
  checkSort,
  isPlainObject,
  parseFilter,
  UnsupportedQuery,
  type Condition,
} from './query-language';
import type { Sort } from './read-model-store';

/** A path of `$group`, of an accumulator or of `$project`, without its `$`. */
export type Expression = { readonly path: string };

/** A stage of a pipeline, checked. `stage` is the stage as it was written. */
export type Stage = { readonly stage: JsonObject } & (
  | { readonly name: '$match'; readonly conditions: readonly Condition[] }
  | { readonly name: '$unwind'; readonly path: string }
  | { readonly name: '$group'; readonly by: string | null; readonly counts: readonly string[] | null }
  | { readonly name: '$sort'; readonly sort: Sort }
  | { readonly name: '$limit'; readonly limit: number }
  | { readonly name: '$project'; readonly computed: Readonly<Record<string, Expression>> }
);

const ACCUMULATORS = new Set(['$sum', '$avg', '$min', '$max', '$first', '$last']);

/**
 * The stages of a pipeline that every adapter answers in the same way:
 * - `{ $match: filter }`, `{ $sort: sort }`, `{ $limit: n }`;
 * - `{ $unwind: '$path' }`: also documents whose value there is no list go on; missing, null and empty ones do not;
 * - `{ $group: { _id: null | '$path' | { name: '$path', … }, field: { $sum: number | '$path' }, … } }`, and likewise `$avg`,
 *   `$min`, `$max`, `$first`, `$last` of a path;
 * - `{ $project: { path: 0 | 1, … } }`, or paths included together with `field: '$path'`.
 * @throws UnsupportedQuery for anything else
 */
export function parsePipeline(pipeline: readonly JsonObject[]): Stage[] {
  return pipeline.map(parseStage);
}

function parseStage(stage: JsonObject): Stage {
  const [name, ...more] = Object.keys(stage);
  if (name === undefined || more.length > 0) throw new UnsupportedQuery('A stage has exactly one operator.');
  const operand: unknown = stage[name];
  switch (name) {
    case '$match':
      return { stage, name, conditions: parseFilter(operand as JsonObject) };
    case '$unwind':
      return { stage, name, path: parsePath(name, operand) };
    case '$group':
      return { stage, name, ...parseGroup(objectOf(name, operand)) };
    case '$sort': {
      const sort = objectOf(name, operand) as Sort;
      if (Object.keys(sort).length === 0) throw new UnsupportedQuery('$sort names at least one field.');
      checkSort(sort);
      return { stage, name, sort };
    }
    case '$limit':
      checkLimit(operand);
      return { stage, name, limit: operand as number };
    case '$project':
      return { stage, name, computed: parseProject(objectOf(name, operand)) };
    default:
      throw new UnsupportedQuery(`The stage ${name} is not known.`);
  }
}

function objectOf(stage: string, operand: unknown): Record<string, unknown> {
  if (!isPlainObject(operand)) throw new UnsupportedQuery(`${stage} takes an object.`);
  return operand;
}

/** The path that `'$path'` names. */
function parsePath(where: string, expression: unknown): string {
  if (typeof expression !== 'string' || !expression.startsWith('$'))
    throw new UnsupportedQuery(`${where} takes a path such as '$field'.`);
  const path = expression.slice(1);
  checkPath(path);
  return path;
}

function parseGroup(group: Record<string, unknown>): { by: string | null; counts: string[] | null } {
  const { _id, ...fields } = group;
  if (_id === undefined) throw new UnsupportedQuery('$group takes an _id.');
  if (isPlainObject(_id)) {
    for (const [field, expression] of Object.entries(_id)) {
      checkField('$group', field);
      parsePath('$group', expression);
    }
  } else if (_id !== null) parsePath('$group', _id);

  for (const [field, accumulator] of Object.entries(fields)) {
    checkField('$group', field);
    const [operator, ...more] = Object.keys(objectOf(`${field} of $group`, accumulator));
    if (operator === undefined || more.length > 0 || !ACCUMULATORS.has(operator))
      throw new UnsupportedQuery(`The accumulator ${operator ?? 'without operator'} (of ${field}) is not known.`);
    const operand = (accumulator as Record<string, unknown>)[operator];
    if (operator !== '$sum' || !Number.isFinite(operand)) parsePath(operator, operand);
  }
  const onlyCounts = Object.values(fields).every((accumulator) => (accumulator as { $sum?: unknown }).$sum === 1);
  return {
    by: typeof _id === 'string' ? _id.slice(1) : null,
    counts: typeof _id === 'string' && onlyCounts ? Object.keys(fields) : null,
  };
}

function checkField(where: string, field: string): void {
  checkPath(field);
  if (field.includes('.')) throw new UnsupportedQuery(`${field} of ${where} must be one name, without a dot.`);
}

function parseProject(project: Record<string, unknown>): Record<string, Expression> {
  const plain: Record<string, unknown> = {};
  const computed: Record<string, Expression> = {};
  for (const [field, choice] of Object.entries(project)) {
    if (typeof choice !== 'string') plain[field] = choice;
    else {
      checkField('$project', field);
      computed[field] = { path: parsePath('$project', choice) };
    }
  }
  checkProjection(plain);
  if (Object.keys(project).length === 0) throw new UnsupportedQuery('$project names at least one field.');
  const excludes = Object.entries(plain).some(([field, choice]) => choice === 0 && field !== '_id');
  if (excludes && Object.keys(computed).length > 0)
    throw new UnsupportedQuery('$project either includes fields or excludes them.');
  checkNested(Object.keys(project));
  return computed;
}
