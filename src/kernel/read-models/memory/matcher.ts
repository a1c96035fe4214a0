import type { JsonObject } from '../../json';
import type { Condition, RangeOperator, Scalar } from '../query-language';
import { isDocument, someAt } from './values';

export type Matcher = (document: JsonObject, id: string) => boolean;
type ValueTest = (value: unknown) => boolean;

/**
 * The conditions as one function, with the semantics of MongoDB: equality with null also matches a missing field; a
 * list matches if one of its members does, each condition by itself; ranges compare only values of the same type.
 */
export function matcherOf(conditions: readonly Condition[]): Matcher {
  const matchers = conditions.map((condition) => compile(condition, true));
  const [first, second, ...more] = matchers;
  if (!first) return () => true;
  if (!second) return first;
  if (more.length === 0) return (document, id) => first(document, id) && second(document, id);
  return (document, id) => matchers.every((matches) => matches(document, id));
}

function compile(condition: Condition, topLevel: boolean): Matcher {
  switch (condition.kind) {
    case 'and': {
      const all = condition.of.map((each) => compile(each, topLevel));
      return (document, id) => all.every((matches) => matches(document, id));
    }
    case 'or': {
      const any = condition.of.map((each) => compile(each, topLevel));
      return (document, id) => any.some((matches) => matches(document, id));
    }
    default:
      return atPath(condition.path, topLevel, testOf(condition));
  }
}

function atPath(path: string, topLevel: boolean, test: ValueTest): Matcher {
  if (path === '_id' && topLevel) return (_document, id) => test(id);
  if (!path.includes('.')) return (document) => test(document[path]);
  const names = path.split('.');
  return (document) => someAt(document, names, test);
}

type FieldCondition = Exclude<Condition, { kind: 'and' | 'or' }>;

/** The test of what stands at the path: it looks into a list there. */
function testOf(condition: FieldCondition): ValueTest {
  if (condition.kind === 'some') return testOfMembers(condition);
  const single = testOfOne(condition);
  return (value) => (Array.isArray(value) ? single(value) || value.some(single) : single(value));
}

/** The test of one value: a list is compared as a whole, its members are not looked at. */
function testOfOne(condition: FieldCondition): ValueTest {
  switch (condition.kind) {
    case 'equals':
      return equalTest(condition.value);
    case 'in': {
      const values = new Set<unknown>(condition.values);
      return (value) => values.has(value === undefined ? null : value);
    }
    case 'range':
      return rangeTest(condition.operator, condition.value);
    case 'some':
      return testOfMembers(condition);
  }
}

function equalTest(expected: Scalar | readonly Scalar[]): ValueTest {
  if (expected === null) return (value) => value === null || value === undefined;
  if (typeof expected !== 'object') return (value) => value === expected;
  return (value) =>
    Array.isArray(value) && value.length === expected.length && expected.every((member, i) => member === value[i]);
}

function rangeTest(operator: RangeOperator, bound: number | string): ValueTest {
  const type = typeof bound;
  // Within one type, JavaScript's operators are the order that is meant; the cast only satisfies the type checker.
  switch (operator) {
    case '$gt':
      return (value) => typeof value === type && (value as number | string) > bound;
    case '$gte':
      return (value) => typeof value === type && (value as number | string) >= bound;
    case '$lt':
      return (value) => typeof value === type && (value as number | string) < bound;
    case '$lte':
      return (value) => typeof value === type && (value as number | string) <= bound;
  }
}

/** A member that is a list itself is looked at as MongoDB does: as a document that has none of the named fields. */
const NO_FIELDS: JsonObject = {};

function testOfMembers(condition: Extract<Condition, { kind: 'some' }>): ValueTest {
  if (condition.members === 'values') {
    const tests = condition.of.map((each) => testOfOne(each as FieldCondition));
    return (value) => Array.isArray(value) && value.some((member) => tests.every((test) => test(member)));
  }
  const all = condition.of.map((each) => compile(each, false));
  const matches = (document: JsonObject) => all.every((test) => test(document, ''));
  return (value) =>
    Array.isArray(value) &&
    value.some((member) => {
      if (Array.isArray(member)) return matches(NO_FIELDS);
      return isDocument(member) && matches(member as JsonObject);
    });
}
