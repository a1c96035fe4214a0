// node scripts/docs.mjs: writes the pages of docs/ that are made from the code. Tests compare them with it.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildIfStale, root } from './build.mjs';

buildIfStale();
const require = createRequire(import.meta.url);
const fromBuild = (file) => require(join(root, 'dist', 'src', file));

const contract = (file) => fromBuild(join('integration', 'contracts', file));
const prefix = () => fromBuild('config-variables.js').variables.kafkaPrefix.fallback;
const version = () => fromBuild(join('app', 'docs.js')).docs.version;

const pages = [
  ['docs/configuration.md', () => fromBuild('config-pages.js').describeConfig()],
  ['docs/integration/events.md', () => contract('events-page.js').eventsPage(prefix())],
  ['docs/integration/asyncapi.json', () => contract('asyncapi.js').asyncApiText(prefix(), version())],
];

for (const [file, content] of pages) {
  writeFileSync(join(root, file), content());
  console.log(file);
}
