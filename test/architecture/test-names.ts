import ts from 'typescript';
import { each, sourceOf } from './sources';

const TESTS = new Set(['describe', 'it', 'test']);

/**
 * Titles of the tests of a file, and of the groups that they are in, as they are written: `['a cart', 'is cleared']`. Those of
 * `it.each` hold their placeholders.
 */
export function testNamesOf(path: string, text: string): string[][] {
  const names: string[][] = [];
  each(sourceOf(path, text).tree, (node) => {
    const title = titleOf(node);
    if (title === null) return;
    const groups: string[] = [];
    for (let outer = node.parent; outer; outer = outer.parent) {
      const group = titleOf(outer);
      if (group !== null) groups.unshift(group);
    }
    names.push([...groups, title]);
  });
  return names;
}

function titleOf(node: ts.Node): string | null {
  if (!ts.isCallExpression(node)) return null;
  const [title] = node.arguments;
  if (!title || !TESTS.has(calledName(node.expression) ?? '')) return null;
  if (ts.isStringLiteralLike(title)) return title.text;
  return ts.isTemplateExpression(title) ? title.getText().slice(1, -1) : null;
}

/** `it` of `it(…)`, `it.only(…)` and `it.each(…)(…)`; of `it.each(…)` itself nothing. */
function calledName(called: ts.Expression): string | null {
  if (ts.isIdentifier(called)) return called.text;
  if (ts.isCallExpression(called) && ts.isPropertyAccessExpression(called.expression))
    return called.expression.name.text === 'each' ? calledName(called.expression.expression) : null;
  return null;
}
