// npm start [-- arguments]: builds if a source is newer than dist, then runs the entry point in this very process.
// --entry=projections chooses projections/main.ts instead of src/main.ts.
import Module from 'node:module';
import { join } from 'node:path';
import { buildIfStale, root } from './build.mjs';

const args = process.argv.slice(2);
const entry = args.includes('--entry=projections') ? 'projections' : 'src';

buildIfStale();
process.argv = [
  process.argv[0],
  join(root, 'dist', entry, 'main.js'),
  ...args.filter((arg) => !arg.startsWith('--entry=')),
];
Module.runMain();
