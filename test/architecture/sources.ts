import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import ts from 'typescript';
import { inRoot } from '../support/root';

const ROOT = inRoot();

/** What is made, fetched or kept by programs. */
const NOT_WRITTEN = new Set(['.git', 'node_modules', 'dist', 'coverage', 'data']);

export interface Import {
  /** Path of a file of this repository, or the name of a package. */
  readonly to: string;
  readonly line: number;
  /** Gone when the program runs. */
  readonly typeOnly: boolean;
}

export interface Source {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly tree: ts.SourceFile;
}

/** Every text that somebody wrote, in the whole repository. */
export const repositoryTexts = (): { path: string; text: string }[] =>
  filesIn(ROOT).map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

/** The TypeScript files of the product. */
export const productSources = (): Source[] => sourcesIn(['src', 'projections']);

/** The TypeScript files below these folders. */
export const sourcesIn = (folders: readonly string[]): Source[] =>
  repositoryTexts()
    .filter(({ path }) => path.endsWith('.ts') && folders.some((folder) => path.startsWith(`${folder}/`)))
    .map(({ path, text }) => sourceOf(path, text));

export function sourceOf(path: string, text: string): Source {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const imports: Import[] = [];
  each(tree, (node) => {
    const named = specifierOf(node);
    if (named) imports.push({ to: targetOf(path, named.text), line: lineOf(tree, node), typeOnly: isTypeOnly(node) });
  });
  return { path, text, imports, tree };
}

/** `export const cart: Aggregate<Cart, CartEvent>`: the file holds the rules of one. */
export const declaresAggregate = ({ tree }: Source): boolean =>
  tree.statements.some(
    (statement) =>
      ts.isVariableStatement(statement) &&
      statement.declarationList.declarations.some(({ type }) => type?.getText(tree).startsWith('Aggregate<')),
  );

/** Calls `visit` with the node and all that are in it. */
export function each(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => each(child, visit));
}

/** From 1. */
export const lineOf = (tree: ts.SourceFile, node: ts.Node): number =>
  tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (NOT_WRITTEN.has(entry.name) || /^\.env|\.(log|tsbuildinfo)$/.test(entry.name)) return [];
    if (entry.isDirectory()) return filesIn(path);
    return [relative(ROOT, path).replaceAll('\\', '/')];
  });
}

function specifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  const named = (value: ts.Node | undefined) => (value && ts.isStringLiteralLike(value) ? value : undefined);
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return named(node.moduleSpecifier);
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? named(node.argument.literal) : undefined;
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const loads =
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require');
  return loads ? named(node.arguments[0]) : undefined;
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node) || !node.importClause) return false;
  const { phaseModifier, name, namedBindings } = node.importClause;
  if (phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  if (name || !namedBindings || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.length > 0 && namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly);
}

/** As the `imports` of package.json and Node resolve it. */
function targetOf(from: string, specifier: string): string {
  if (specifier.startsWith('#')) return `${specifier.slice(1)}.ts`;
  if (!specifier.startsWith('.')) return specifier;
  return `${posix.join(posix.dirname(from), specifier)}.ts`;
}
