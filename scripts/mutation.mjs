// npm run test:mutation [-- arguments]: changes the domain's code, one place at a time, and asks its tests whether they notice
// (test/mutation/main.ts).
import Module from 'node:module';
import { join } from 'node:path';
import { buildTestPrograms, root } from './build.mjs';

buildTestPrograms();
process.argv[1] = join(root, 'dist', 'test', 'mutation', 'main.js');
Module.runMain();
