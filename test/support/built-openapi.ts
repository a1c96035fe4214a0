import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from './root';

/** A part of a JSON Schema (2020-12), as the API's reference has them. */
export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly example?: unknown;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

/** By media type. */
export type Content = Readonly<Record<string, { readonly schema?: Schema; readonly examples?: object }>>;

export interface Response {
  readonly $ref?: string;
  readonly content?: Content;
}

export interface Operation {
  readonly parameters?: readonly { readonly $ref?: string }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}

/** Made once for each build, which throws it away with everything else in `dist`. */
const KEPT = inRoot('dist', 'openapi.json');
const PROGRAM = inRoot('dist', 'test', 'support', 'print-openapi.js');

let read: OpenApi | null = null;

/**
 * The reference of the compiled shop. That of a shop in Jest lacks what the compiler's Swagger plugin says: members without a decorator,
 * and what routes answer. @throws Error when the shop was not compiled
 */
export function builtOpenApi(): OpenApi {
  return (read ??= JSON.parse(existsSync(KEPT) ? readFileSync(KEPT, 'utf8') : make()) as OpenApi);
}

function make(): string {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: run npm run build && npm run build:test.`);
  const text = execFileSync(process.execPath, [PROGRAM], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  // Another worker may be at it too, and nobody may read half of it.
  const own = `${KEPT}.${process.pid}`;
  writeFileSync(own, text);
  renameSync(own, KEPT);
  return text;
}

/** Why the reference may not be that of the sources as they are; null: it is. */
export function whyOutdated(): string | null {
  const { mtimeMs } = statSync(inRoot('dist', 'src', 'main.js'));
  const changed = ['src', 'projections'].flatMap((folder) =>
    readdirSync(inRoot(folder), { recursive: true, encoding: 'utf8' })
      .map((file) => join(folder, file))
      .filter((file) => file.endsWith('.ts') && statSync(inRoot(file)).mtimeMs > mtimeMs),
  );
  return changed.length === 0 ? null : `${changed[0]} has changed since: npm run build && npm run build:test`;
}
