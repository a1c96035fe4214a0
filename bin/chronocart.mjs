#!/usr/bin/env node
// chronocart history <command> …: compiles first if anything changed since the last time. npm run history -- <command> … is the same.
import Module from 'node:module';
import { join } from 'node:path';
import { buildIfStale, root } from '../scripts/build.mjs';

buildIfStale();
process.argv[1] = join(root, 'dist', 'src', 'history', 'cli.js');
Module.runMain();
