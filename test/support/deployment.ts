import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { inRoot } from './root';
import { tempFolder } from './temp-folder';

export const pathOf = inRoot;

export const textOf = (...path: string[]): string => readFileSync(pathOf(...path), 'utf8');

export interface Service {
  readonly image: string;
  readonly build?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: readonly string[];
  readonly restart?: string;
  readonly stop_grace_period?: string;
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export const composeText = textOf('docker-compose.yml');

/** With `<<` merged in, and `${…}` as it stands there. */
export const compose = parse(composeText, { merge: true }) as Compose;

/** What stands between `${` and `}`, each once. */
export const askedFor = (): string[] => [
  ...new Set([...composeText.matchAll(/\$\{([^}]*)\}/g)].map(([, inside = '']) => inside)),
];

/** The assignments of a file such as .env, in their order. */
export const assignmentsIn = (text: string): [name: string, value: string][] =>
  text.split('\n').flatMap((line): [string, string][] => {
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value]];
  });

/** Runs deploy/make-env.sh; the path of what it made. @throws Error with what it says when it does not make it */
export function makeEnv(file = join(tempFolder(), 'env')): string {
  execFileSync('sh', [pathOf('deploy', 'make-env.sh'), file], { stdio: 'pipe' });
  return file;
}

/** The environment that a service starts with: that of the image of the shop, and its own with `${…}` filled in. */
export function environmentOf(service: Service, values: ReadonlyMap<string, string>): Record<string, string> {
  const own = Object.entries(service.environment ?? {}).map(([name, text]): [string, string] => [
    name,
    String(text).replace(/\$\{(\w+):\?[^}]*\}/g, (_, asked: string) => values.get(asked) ?? ''),
  ]);
  return { ...imageEnvironment(), ...Object.fromEntries(own) };
}

/** What the last stage of the Dockerfile sets. */
export function imageEnvironment(): Record<string, string> {
  const [, text = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(textOf('Dockerfile')) ?? [];
  const pairs = text.split(/\s*\\\n\s*/).map((pair) => pair.split('=') as [string, string]);
  return Object.fromEntries(pairs);
}
