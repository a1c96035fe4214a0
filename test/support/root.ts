import { basename, join } from 'node:path';

const above = join(__dirname, '..', '..');

/** The root of the repository, also for a program that was compiled into `dist`. */
const ROOT = basename(above) === 'dist' ? join(above, '..') : above;

/** A path below the root of the repository. */
export const inRoot = (...path: string[]): string => join(ROOT, ...path);
