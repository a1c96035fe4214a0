const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/** Names of installed packages that ship only ES modules (Nest 12, TypeBox, uuid and some of Fastify's dependencies). */
function esmPackages(dir, found = new Set()) {
  if (!existsSync(dir)) return found;
  for (const entry of readdirSync(dir)) {
    if (entry.startsWith('.')) continue;
    const names = entry.startsWith('@') ? readdirSync(join(dir, entry)).map((sub) => `${entry}/${sub}`) : [entry];
    for (const name of names) {
      const manifest = join(dir, name, 'package.json');
      if (!existsSync(manifest)) continue;
      if (JSON.parse(readFileSync(manifest, 'utf8')).type === 'module') found.add(name);
      esmPackages(join(dir, name, 'node_modules'), found);
    }
  }
  return found;
}
const esm = [...esmPackages(join(__dirname, 'node_modules'))].map((name) => name.replaceAll('.', '\\.')).join('|');

const swc = (parser, transform) => [
  '@swc/jest',
  { swcrc: false, module: { type: 'commonjs' }, jsc: { target: 'es2023', keepClassNames: true, parser, transform } },
];

const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: {
    '^.+\\.ts$': swc(
      { syntax: 'typescript', decorators: true },
      { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    ),
    '^.+\\.m?js$': swc({ syntax: 'ecmascript' }),
  },
  // Only ES modules are compiled: compiling everything breaks the sloppy-mode scripts inside @eventstore/db-client.
  transformIgnorePatterns: [`/node_modules/(?!(?:.*/node_modules/)?(?:${esm})/)`],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  setupFiles: ['<rootDir>/test/setup.ts'],
};

const project = (displayName, folders, more) => ({
  ...shared,
  ...more,
  displayName,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.spec.ts`),
});

module.exports = {
  maxWorkers: 2,
  passWithNoTests: true,
  coverageProvider: 'v8',
  coverageDirectory: 'coverage',
  collectCoverageFrom: ['src/**/*.ts', 'projections/**/*.ts', '!**/main.ts'],
  coverageThreshold: { global: { lines: 85 } },
  testTimeout: 20_000,
  projects: [
    project('domain', [
      'domain',
      'processes',
      'projections',
      'kernel',
      'architecture',
      'golden-events',
      'history',
      'integration',
      'deployment',
    ]),
    project('contract', ['contract']),
    project('api', ['api']),
    project('chaos', ['chaos'], { setupFilesAfterEnv: ['<rootDir>/test/chaos/setup.ts'] }),
  ],
};
