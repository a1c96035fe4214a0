import { frozen } from '../../frozen';
import type { Json, JsonObject } from '../../json';
import type { ReadModelDocument } from '../read-model-store';
import type { Entry } from './entry';
import { isDocument } from './values';

export type Select = (entry: Entry) => ReadModelDocument;
type Fields = { [name: string]: Json | undefined };

/** Paths as a tree: true is the end of a path. */
interface Tree {
  [name: string]: Tree | true;
}

/**
 * The projection as a function, with MongoDB's semantics: `_id` comes along unless it is excluded; inside a list each
 * document is projected, and inclusion leaves out what is no document. What it answers is a new object whose parts are
 * the frozen parts of the stored document.
 */
export function selection(projection: Readonly<Record<string, 0 | 1>> = {}): Select {
  const select = fieldSelection(projection);
  const withId = projection['_id'] !== 0;
  return ({ id, document }) => {
    const fields = select(frozen(document as JsonObject));
    return (withId ? { _id: id, ...fields } : fields) as ReadModelDocument;
  };
}

function fieldSelection(projection: Readonly<Record<string, 0 | 1>>): (document: JsonObject) => JsonObject {
  const paths = Object.keys(projection).filter((path) => path !== '_id');
  const includes = paths.length > 0 ? projection[paths[0] as string] === 1 : projection['_id'] === 1;
  const tree = treeOf(paths);
  if (includes) return (document) => included(document, tree);
  return (document) => (paths.length === 0 ? { ...document } : excluded(document, tree));
}

function treeOf(paths: readonly string[]): Tree {
  const tree: Tree = {};
  for (const path of paths) {
    const names = path.split('.');
    const last = names.pop() as string;
    let node = tree;
    for (const name of names) node = (node[name] ??= {}) as Tree;
    node[last] = true;
  }
  return tree;
}

function included(document: JsonObject, tree: Tree): JsonObject {
  const result: Fields = {};
  for (const name in document) {
    const below = tree[name];
    const value = document[name];
    if (below === true) result[name] = value;
    else if (below) {
      const kept = includedValue(value, below);
      if (kept !== undefined) result[name] = kept;
    }
  }
  return result;
}

/** undefined: nothing of the value lies on the path. */
function includedValue(value: Json | undefined, tree: Tree): Json | undefined {
  if (Array.isArray(value))
    return value.map((member) => includedValue(member, tree)).filter((member) => member !== undefined);
  return isDocument(value) ? included(value as JsonObject, tree) : undefined;
}

function excluded(document: JsonObject, tree: Tree): JsonObject {
  const result: Fields = {};
  for (const name in document) {
    const below = tree[name];
    if (below === undefined) result[name] = document[name];
    else if (below !== true) result[name] = excludedValue(document[name], below);
  }
  return result;
}

function excludedValue(value: Json | undefined, tree: Tree): Json | undefined {
  if (Array.isArray(value)) return value.map((member) => excludedValue(member, tree) as Json);
  return isDocument(value) ? excluded(value as JsonObject, tree) : value;
}
