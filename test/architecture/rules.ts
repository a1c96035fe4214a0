import { builtinModules } from 'node:module';
import ts from 'typescript';
import { contexts } from '#src/contexts';
import { isInstalledForProduction } from './packages';
import { codesAreSaidOnce } from './repeated-lists';
import type { Rule } from './rule';
import { declaresAggregate, each, lineOf, type Import, type Source } from './sources';

/** Parts of the shop that know nothing of each other. */
const CONTEXTS = Object.keys(contexts);

/** Who may append to an event store: the write path, processes, the store's identity, snapshots; and the stores themselves. */
const APPENDS = [
  'src/kernel/event-store/',
  'src/kernel/processes/reactor.ts',
  'src/kernel/store-identity.ts',
  'src/kernel/write-path/snapshots.ts',
  'src/kernel/write-path/stream-writer.ts',
];

const MOST_LINES = 300;
/** Files that are longer, with the reason. */
const LONGER: Readonly<Record<string, string>> = {};

/** `src/<area>/…`, `projections/…`; the configuration, the list of contexts, and where programs begin. */
function areaOf(path: string): string {
  if (path.startsWith('projections/')) return path === 'projections/main.ts' ? 'main' : 'projections';
  const [, area, inside] = path.split('/');
  if (inside !== undefined) return area as string;
  if (/^config[.-]/.test(area as string)) return 'config';
  return path === 'src/contexts.ts' ? 'the list' : 'main';
}

const isOwn = (to: string): boolean => /^(src|projections)\//.test(to);
const isController = (path: string): boolean => path.endsWith('.controller.ts');
const isEvents = (path: string): boolean => path.endsWith('.events.ts');
const isCommands = (path: string): boolean => path.endsWith('.commands.ts');
const isContext = (path: string): boolean => CONTEXTS.includes(areaOf(path));

/** From the bottom to the top: nothing imports what stands above it. */
const LAYERS: readonly (readonly string[])[] = [
  ['kernel'],
  ['words'],
  ['config', ...CONTEXTS],
  ['decisions', 'processes', 'projections'],
  ['the list'],
  ['demo', 'history', 'integration', 'operations'],
  ['app'],
  ['main'],
];

const layerOf = (path: string): number => LAYERS.findIndex((areas) => areas.includes(areaOf(path)));

const BELOW = ['kernel', 'words'];

/** Of the files of an area: which others of lower layers they may import. */
const MAY_IMPORT: Readonly<Record<string, (to: string) => boolean>> = {
  kernel: () => false,
  words: (to) => areaOf(to) === 'kernel',
  config: (to) => BELOW.includes(areaOf(to)),
  ...Object.fromEntries(CONTEXTS.map((context) => [context, (to: string) => BELOW.includes(areaOf(to))])),
  decisions: (to) => BELOW.includes(areaOf(to)) || (isContext(to) && isPure(to)),
  projections: (to) => BELOW.includes(areaOf(to)) || (isContext(to) && isEvents(to)),
  processes: (to) => BELOW.includes(areaOf(to)) || (isContext(to) && (isEvents(to) || isCommands(to))),
  'the list': () => true,
  integration: (to) => [...BELOW, 'config', 'the list'].includes(areaOf(to)),
  operations: (to) => areaOf(to) === 'kernel',
  // It folds what everything else decides and stores, and runs none of it.
  history: (to) => (isContext(to) ? isPure(to) : !isController(to)),
  demo: (to) => areaOf(to) === 'kernel' || isContext(to),
  app: () => true,
  main: (to) => areaOf(to) === 'app',
};

/** No part of a context that runs. */
const isPure = (to: string): boolean => !isController(to) && !isCommands(to) && !to.endsWith('.module.ts');

const inAll = (sources: readonly Source[], find: (source: Source) => readonly string[]): string[] =>
  sources.flatMap((source) => find(source));

const badImports = (source: Source, isBad: (imported: Import) => boolean): string[] =>
  source.imports.filter(isBad).map(({ to, line }) => `${source.path}:${line} imports ${to}`);

const layers = (area: string, says: string, brokenBy: Rule['brokenBy']): Rule => ({
  says,
  brokenBy,
  violations: (sources) =>
    inAll(
      sources.filter(({ path }) => (area === 'context' ? isContext(path) : areaOf(path) === area)),
      (source) =>
        badImports(
          source,
          ({ to }) => isOwn(to) && areaOf(to) !== areaOf(source.path) && !MAY_IMPORT[areaOf(source.path)]?.(to),
        ),
    ),
});

const nothingRunsUpwards: Rule = {
  says: 'no import runs upwards',
  brokenBy: { 'src/cart/cart.controller.ts': "import { allEvents } from '../contexts';" },
  violations: (sources) =>
    inAll(sources, (source) => badImports(source, ({ to }) => isOwn(to) && layerOf(to) > layerOf(source.path))),
};

const everyFolderIsKnown: Rule = {
  says: 'every folder has its layer and its rules',
  brokenBy: { 'src/misc/things.ts': '' },
  violations: (sources) =>
    inAll(sources, ({ path }) =>
      areaOf(path) in MAY_IMPORT && layerOf(path) >= 0 ? [] : [`${path}:1 is in a folder without rules`],
    ),
};

/** `feed` of `src/kernel/feed/…`; null: a file of the kernel that stands by itself, which needs no folder of it to be understood. */
const kernelFolderOf = (path: string): string | null => /^src\/kernel\/([^/]+)\//.exec(path)?.[1] ?? null;

const kernelFoldersHaveNoCircles: Rule = {
  says: 'no folder of the kernel needs itself by way of others',
  brokenBy: {
    'src/kernel/feed/feed.ts': "import type { Projector } from '../read-models/projector';",
    'src/kernel/read-models/projector.ts': "import type { Feed } from '../feed/feed';",
  },
  violations: (sources) => {
    const inFolders = sources.flatMap((source) => {
      const from = kernelFolderOf(source.path);
      return source.imports.flatMap(({ to, line }) => {
        const into = kernelFolderOf(to);
        return from && into && from !== into ? [{ from, into, path: source.path, line }] : [];
      });
    });
    const reached = (from: string, seen = new Set<string>()): Set<string> => {
      for (const { from: folder, into } of inFolders)
        if (folder === from && !seen.has(into)) reached(into, seen.add(into));
      return seen;
    };
    const circles = inFolders.filter(({ from, into }) => reached(into).has(from));
    return circles
      .slice(-1)
      .map(({ from, into, path, line }) => `${path}:${line} takes ${from} to ${into}, which needs ${from}`);
  },
};

const NODE = new Set(builtinModules);
const isOfTheOutside = (to: string): boolean =>
  /^(node:|@nestjs\/|@fastify\/|fastify$|rxjs|reflect-metadata$|class-(validator|transformer)$)/.test(to) ||
  NODE.has(to);

/** What a person reads to know the rules of the shop: aggregates, events, folds, process managers and public contracts. */
const isDomain = (source: Source): boolean =>
  areaOf(source.path) !== 'kernel' &&
  (/\.(events|projection|process|contract|ocel|decisions)\.ts$/.test(source.path) || declaresAggregate(source));

/** Follows what runs through contexts, shop and projections. Classes of commands are all that a process needs of handlers. */
const domainIsPure: Rule = {
  says: 'domain files need nothing of Nest or Node',
  brokenBy: {
    'src/cart/now.ts': "import { performance } from 'node:perf_hooks';",
    'src/cart/cart.events.ts': "import { now } from './now';",
  },
  violations: (sources) => {
    const byPath = new Map(sources.map((source) => [source.path, source]));
    const outside = (source: Source, seen: Set<string>): string | null => {
      seen.add(source.path);
      for (const { to, typeOnly } of source.imports) {
        if (typeOnly || (isCommands(to) && source.path.endsWith('.process.ts'))) continue;
        if (isOfTheOutside(to)) return to;
        const next = byPath.get(to);
        if (!next || seen.has(to) || areaOf(to) === 'kernel') continue;
        const found = outside(next, seen);
        if (found) return `${found} by way of ${to}`;
      }
      return null;
    };
    return inAll(sources.filter(isDomain), (source) =>
      source.imports.flatMap((imported) => {
        const found = outside({ ...source, imports: [imported] }, new Set());
        return found ? [`${source.path}:${imported.line} needs ${found}`] : [];
      }),
    );
  },
};

const controllersDoNotStore: Rule = {
  says: 'controllers never touch the store',
  brokenBy: { 'src/cart/cart.controller.ts': "import { WritePath } from '../kernel/aggregates';" },
  violations: (sources) =>
    inAll(
      sources.filter(({ path }) => isController(path)),
      (source) =>
        badImports(
          source,
          ({ to, typeOnly }) =>
            /^src\/kernel\/(event-store|write-path)\//.test(to) || (to === 'src/kernel/aggregates.ts' && !typeOnly),
        ),
    ),
};

const appends = ({ tree }: Source): number[] => {
  const lines: number[] = [];
  each(tree, (node) => {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
    if (node.expression.name.text === 'append') lines.push(lineOf(tree, node));
  });
  return lines;
};

const onlyTheWritePathAppends: Rule = {
  says: 'nothing but the write path, processes, the store’s identity and snapshots appends events',
  brokenBy: {
    ...Object.fromEntries(APPENDS.map((path) => [path.replace(/\/$/, '/sqlite.ts'), 'store.append();'])),
    'src/cart/cart.commands.ts': 'this.path.store.append(stream, revision, events);',
  },
  violations: (sources) => {
    const found = sources.filter((source) => appends(source).length > 0);
    const unused = APPENDS.filter((path) => !found.some((source) => source.path.startsWith(path)));
    return [
      ...unused.map((path) => `${path}:1 is among those who append, and does not`),
      ...inAll(found, (source) =>
        APPENDS.some((path) => source.path.startsWith(path))
          ? []
          : appends(source).map((line) => `${source.path}:${line} appends`),
      ),
    ];
  },
};

const noCycles: Rule = {
  says: 'no file imports itself, by whatever way',
  brokenBy: {
    'src/cart/a.ts': "import './b';",
    'src/cart/b.ts': "import type { A } from './c';",
    'src/cart/c.ts': "export * from './a';",
  },
  violations: (sources) => {
    const byPath = new Map(sources.map((source) => [source.path, source]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const follow = (path: string, way: readonly string[]): void => {
      if (done.has(path)) return;
      for (const { to, line } of byPath.get(path)?.imports ?? []) {
        const start = [...way, path].indexOf(to);
        if (start >= 0) cycles.push(`${path}:${line} closes ${[...way, path].slice(start).concat(to).join(' → ')}`);
        else follow(to, [...way, path]);
      }
      done.add(path);
    };
    for (const { path } of sources) follow(path, []);
    return cycles;
  },
};

const ROUTES = new Set(['Get', 'Post', 'Put', 'Patch', 'Delete']);
const SAYS_NOTHING = /^(Promise<)?(any|unknown|object|Record<.*>)>?$/;

const isRoute = (method: ts.MethodDeclaration): boolean =>
  (ts.getDecorators(method) ?? []).some(
    ({ expression }) => ts.isCallExpression(expression) && ROUTES.has(expression.expression.getText()),
  );

/** By the compiler it then answers what its reference says. */
const routesSayWhatTheyAnswer: Rule = {
  says: 'every route has a written type of what it answers',
  brokenBy: { 'src/cart/cart.controller.ts': 'class Carts { @Get() show() { return { lines: [] }; } }' },
  violations: (sources) =>
    inAll(
      sources.filter(({ path }) => isController(path)),
      ({ path, tree }) => {
        const untyped: string[] = [];
        each(tree, (node) => {
          if (!ts.isMethodDeclaration(node) || !isRoute(node)) return;
          if (!node.type || SAYS_NOTHING.test(node.type.getText(tree)))
            untyped.push(`${path}:${lineOf(tree, node)} does not say what ${node.name.getText(tree)} answers`);
        });
        return untyped;
      },
    ),
};

const linesOf = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

const filesAreShort: Rule = {
  says: `a file has at most ${MOST_LINES} lines`,
  brokenBy: { 'src/cart/cart.ts': '\n'.repeat(MOST_LINES + 1) },
  violations: (sources) =>
    inAll(sources, ({ path, text }) => {
      const lines = linesOf(text);
      return lines > MOST_LINES && !(path in LONGER) ? [`${path}:1 has ${lines} lines`] : [];
    }),
};

const everyImportIsFound: Rule = {
  says: 'every import is of a file that is there',
  brokenBy: { 'src/cart/cart.ts': "import { nothing } from './nowhere';" },
  violations: (sources) => {
    const paths = new Set(sources.map(({ path }) => path));
    return inAll(sources, (source) => badImports(source, ({ to }) => isOwn(to) && !paths.has(to)));
  },
};

const packageOf = (to: string): string => /^(@[^/]+\/)?[^/]+/.exec(to)![0];

/** By the lock file's own marks, which are what an installation without development packages goes by. */
const productImportsWhatIsInstalled: Rule = {
  says: 'the product imports only packages that it asks for, and that are installed without those for development',
  brokenBy: { 'src/kernel/read-models/groups.ts': "const { Query } = await import('mingo');" },
  violations: (sources) =>
    inAll(sources, (source) =>
      badImports(source, ({ to, typeOnly }) => {
        if (typeOnly || isOwn(to) || to.startsWith('node:') || NODE.has(to)) return false;
        return !isInstalledForProduction(packageOf(to));
      }),
    ),
};

export const rules: readonly Rule[] = [
  everyFolderIsKnown,
  everyImportIsFound,
  nothingRunsUpwards,
  layers('kernel', 'the kernel knows no shop', {
    'src/kernel/aggregates.ts': "import type { Cart } from '../cart/cart';",
  }),
  layers('words', 'words that contexts share need the kernel alone', {
    'src/words/lines.ts': "import { cart } from '../cart/cart';",
  }),
  layers('config', 'the configuration needs words alone', {
    'src/config.ts': "import { cart } from './cart/cart';",
  }),
  layers('context', 'contexts do not know each other', {
    'src/cart/cart.commands.ts': "import type { PaymentEvent } from '../payments/payments.events';",
  }),
  layers('decisions', 'what decides again knows contexts by what is pure', {
    'src/decisions/cart.decisions.ts': "import { CheckOutCart } from '../cart/cart.commands';",
  }),
  layers('processes', 'processes know contexts by their events and commands', {
    'src/processes/checkout.process.ts': "import { cart } from '../cart/cart';",
  }),
  layers('projections', 'projections know contexts by their events alone', {
    'projections/carts/carts.projection.ts': "import { CheckOutCart } from '#src/cart/cart.commands';",
  }),
  layers('integration', 'what is published is said by contexts', {
    'src/integration/kafka-relay.ts': "import { cart } from '../cart/cart';",
  }),
  layers('operations', 'operations need the kernel alone', {
    'src/operations/operations.controller.ts': "import { CheckOutCart } from '../cart/cart.commands';",
  }),
  layers('history', 'history folds what contexts store, and gives no commands', {
    'src/history/commands/show.ts': "import { CheckOutCart } from '../../cart/cart.commands';",
  }),
  layers('demo', 'the demo catalogue uses contexts as anyone does', {
    'src/demo/seed.ts': "import { checkoutProcess } from '../processes/checkout.process';",
  }),
  domainIsPure,
  controllersDoNotStore,
  routesSayWhatTheyAnswer,
  onlyTheWritePathAppends,
  noCycles,
  kernelFoldersHaveNoCircles,
  codesAreSaidOnce,
  filesAreShort,
  productImportsWhatIsInstalled,
];
