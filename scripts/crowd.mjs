// npm run crowd [-- --share=0.1 --most=400]: compiles what changed, then fills the embedded shop with a crowd (test/support/crowd.ts).
import Module from 'node:module';
import { join } from 'node:path';
import { buildIfStale, buildTestPrograms, root } from './build.mjs';

buildIfStale();
buildTestPrograms();
process.argv[1] = join(root, 'dist', 'test', 'support', 'crowd.js');
Module.runMain();
