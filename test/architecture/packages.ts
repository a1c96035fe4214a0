import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Locked {
  readonly dev?: true;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync(join(__dirname, '../../package-lock.json'), 'utf8')) as {
  packages: Readonly<Record<string, Locked>>;
};

/** Whether the product asks for the package, and `npm ci --omit=dev` installs it: that goes by these marks of the lock file. */
export function isInstalledForProduction(name: string): boolean {
  const locked = packages[`node_modules/${name}`];
  return locked !== undefined && locked.dev !== true && name in packages['']!.dependencies!;
}
