import { declaresAggregate, type Source } from '../architecture/sources';

const isShop = (path: string): boolean => /^(src\/(?!kernel\/)|projections\/)/.test(path);

/** What decides and what folds: aggregates, process managers, folds of read models, and what somebody looks for in them. */
const isStart = (source: Source): boolean =>
  isShop(source.path) && (/\.(process|projection|criteria)\.ts$/.test(source.path) || declaresAggregate(source));

/** Facts and shapes have schemas, which other tests hold to their stored bytes; commands are carried out by the kernel. */
const isDeclared = ({ path, imports }: Source): boolean =>
  /\.(events|commands)\.ts$/.test(path) || imports.some(({ to, typeOnly }) => to === 'typebox' && !typeOnly);

/** The files whose every place a test must notice: what decides and folds, and what that is made of. */
export function domainFiles(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const found = new Set<string>();
  const follow = (source: Source): void => {
    if (found.has(source.path)) return;
    found.add(source.path);
    for (const { to, typeOnly } of source.imports) {
      const next = byPath.get(to);
      if (!typeOnly && next && isShop(to) && !isDeclared(next)) follow(next);
    }
  };
  sources.filter(isStart).forEach(follow);
  return [...found].sort();
}

/**
 * The specs that speak of a file: they come to it by files of the domain and by what helps tests, and open no store. Those that play
 * whole orders at random are left out: a mutant takes them minutes, and what only chance finds is worth an example.
 */
export function specsOf(file: string, sources: readonly Source[], domain: ReadonlySet<string>): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const comesTo = (path: string, seen: Set<string>): boolean => {
    if (path === file) return true;
    if (seen.has(path) || !(domain.has(path) || path.startsWith('test/'))) return false;
    seen.add(path);
    return byPath.get(path)?.imports.some(({ to, typeOnly }) => !typeOnly && comesTo(to, seen)) ?? false;
  };
  const isSpec = ({ path, imports }: Source) =>
    /^test\/(domain|processes|projections)\/.*\.spec\.ts$/.test(path) &&
    !imports.some(({ to }) => to.startsWith('src/kernel/event-store/sqlite') || to.endsWith('/checkout-world.ts'));
  return sources.filter((source) => isSpec(source) && comesTo(source.path, new Set())).map(({ path }) => path);
}
