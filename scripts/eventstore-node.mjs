// npm run eventstore-node [-- arguments]: compiles what changed, then runs the EventStoreDB for tests in this very process.
import Module from 'node:module';
import { join } from 'node:path';
import { buildIfStale, buildTestPrograms, root } from './build.mjs';

buildIfStale();
buildTestPrograms();
process.argv[1] = join(root, 'dist', 'test', 'support', 'eventstore-node', 'main.js');
Module.runMain();
