import ts from 'typescript';
import type { Rule } from './rule';
import { each, lineOf, type Source } from './sources';

/*
 * A list of codes is written once, as a `const` beside the events or the words that it belongs to: else whoever adds a code adds it in
 * one place, and everything compiles. What counts as the same list, written again:
 * - the same set of codes, in whatever order. A code is a word as programs write them (`out-of-stock`, `traceId`); names of brands, sizes
 *   and environment variables, and sentences, are none;
 * - in a list of texts, a union type of texts, or the arguments of a call: `Type.Literal('a'), Type.Literal('b')`, `code('Why.', 'a', 'b')`;
 * - three codes or more. Two are often chance (`['from', 'to']`): they count if one has a hyphen, or if one of the places says that there is
 *   nothing else (`as const`, `enum`, `Type.Enum`, `Type.Union`, `@IsIn`, `code`, `oneOf`).
 * Names of members in `Pick` and its like, and the problems of a route, are no lists of codes: the compiler knows the names, and a
 * problem that is not declared fails at the start.
 */

/** One place where a set of codes is written. */
interface Place {
  readonly path: string;
  readonly line: number;
  readonly codes: readonly string[];
  /** It says that there is nothing else. */
  readonly isWhole: boolean;
}

const CODE = /^[a-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$/;
const ENUMERATING = new Set(['Enum', 'IsIn', 'Union', 'code', 'oneOf']);
const OF_MEMBERS = new Set(['Exclude', 'Extract', 'Omit', 'Pick']);
const OF_PROBLEMS = new Set(['Problems', 'changes', 'problems']);

/** `oneOf` of `oneOf(…)`, `Enum` of `Type.Enum(…)`. */
function calledIn(node: ts.Node): string | null {
  if (!ts.isCallExpression(node)) return null;
  const { expression } = node;
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : null;
}

function textOf(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isLiteralTypeNode(node)) return textOf(node.literal);
  return ts.isCallExpression(node) && calledIn(node) === 'Literal' && node.arguments[0]
    ? textOf(node.arguments[0])
    : null;
}

/** The codes that are written side by side in a node; a list or a union that has anything else in it is not whole. */
function codesIn(node: ts.Node): string[] {
  const isCall = ts.isCallExpression(node);
  const members = ts.isArrayLiteralExpression(node)
    ? node.elements
    : ts.isUnionTypeNode(node)
      ? node.types
      : isCall
        ? node.arguments
        : [];
  const texts = members.map(textOf).filter((text) => text !== null);
  const codes = texts.filter((text) => CODE.test(text));
  if (!isCall && codes.length < members.length) return [];
  const fewest = isCall && !ENUMERATING.has(calledIn(node) ?? '') ? 3 : 2;
  return codes.length < fewest ? [] : [...new Set(codes)].sort();
}

const nameOf = (node: ts.Node): string | null =>
  ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) ? node.name.text : calledIn(node);

const isOfMembers = (node: ts.Node): boolean =>
  ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName) && OF_MEMBERS.has(node.typeName.text);

function isNoList(node: ts.Node): boolean {
  if (OF_PROBLEMS.has(nameOf(node) ?? '') || OF_PROBLEMS.has(nameOf(node.parent) ?? '')) return true;
  for (let around = node.parent; ts.isTypeNode(around) || ts.isTypeElement(around); around = around.parent)
    if (isOfMembers(around)) return true;
  return false;
}

const isWhole = (node: ts.Node): boolean =>
  ts.isAsExpression(node.parent) ||
  nameOf(node.parent) === 'enum' ||
  [node, node.parent].some((of) => ENUMERATING.has(calledIn(of) ?? ''));

function placesIn({ path, tree }: Source): Place[] {
  const places: Place[] = [];
  each(tree, (node) => {
    const codes = codesIn(node);
    if (codes.length < 2 || isNoList(node)) return;
    places.push({ path, line: lineOf(tree, node), codes, isWhole: isWhole(node) });
  });
  return places;
}

const counts = (places: readonly Place[]): boolean =>
  places.some(({ codes, isWhole }) => isWhole || codes.length > 2 || codes.some((code) => code.includes('-')));

export const codesAreSaidOnce: Rule = {
  says: 'a list of codes is written once',
  brokenBy: {
    'src/ordering/ordering.events.ts': "export const REASONS = ['too-slow', 'other'] as const;",
    'src/ordering/ordering.contract.ts': "const reason = code('Why.', 'other', 'too-slow');",
  },
  violations: (sources) => {
    const byCodes = new Map<string, Place[]>();
    for (const place of sources.flatMap(placesIn)) {
      const key = place.codes.join(' ');
      byCodes.set(key, [...(byCodes.get(key) ?? []), place]);
    }
    return [...byCodes.values()]
      .filter(counts)
      .flatMap(([first, ...again]) =>
        again.map(
          ({ path, line, codes }) =>
            `${path}:${line} says ${codes.join(', ')} again, as ${first?.path}:${first?.line} does`,
        ),
      );
  },
};
