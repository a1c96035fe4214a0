// npm run chaos [-- arguments]: compiles what changed, then lets a nemesis loose on whole shops (test/support/nemesis/main.ts).
import Module from 'node:module';
import { join } from 'node:path';
import { buildIfStale, buildTestPrograms, root } from './build.mjs';

buildIfStale();
buildTestPrograms();
process.argv[1] = join(root, 'dist', 'test', 'support', 'nemesis', 'main.js');
Module.runMain();
