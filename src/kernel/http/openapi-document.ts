import { STATUS_CODES } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { unreadable } from '../read-models/problems';
import type { refused } from '../write-path/problems';
import '../read-models/problems';
import '../write-path/problems';
import { ACCESS_EXTENSION, type Access } from './access';
import type { refusedAccess } from './access-problems';
import './access-problems';
import type { ContextOptions } from './command-context';
import { CONTEXT_EXTENSION, KIND_EXTENSION, PROBLEMS_EXTENSION, UNREADABLE, type RouteKind } from './docs.decorators';
import { problemComponents, problemResponses } from './openapi-problems';
import { RATE_CLASS_EXTENSION, READS, UNLIMITED } from './limits/limited';
import type { problem } from './problem';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Components = NonNullable<OpenAPIObject['components']>;
type Code = Parameters<typeof problem | typeof refused | typeof refusedAccess | typeof unreadable>[0];

export const BEARER = 'bearer';

const text = { type: 'string' } as const;

const parameters = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Makes a repeat safe: the same key and body get the same answer for 48 hours. 1 to 255 visible ASCII characters.',
    schema: { ...text, maxLength: 255 },
    example: '8e03978e-40d5-43dd-bc93-6894a57f9324',
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The ETag that you last saw: if the resource has changed since, nothing is done (412).',
    schema: text,
    example: '"7.Jx0RZ4yGmVwTnB2q"',
  },
  RequiredIfMatch: {
    name: 'If-Match',
    in: 'header',
    required: true,
    description: 'The ETag that you last saw.',
    schema: text,
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'The ETag that you have: 304 if nothing changed.',
    schema: text,
  },
  ConsistencyToken: {
    name: 'Consistency-Token',
    in: 'header',
    description:
      'From the answer to a command: the query waits until it can see what that command did. Also as `?consistency=`.',
    schema: text,
  },
  AsOf: {
    name: 'asOf',
    in: 'query',
    description:
      'Answers what was then: a time (ISO 8601), a position of the log (`commit/prepare`), or a Consistency-Token. `As-Of-Position` says which position that was.',
    schema: text,
    example: '2026-01-31T12:00:00Z',
  },
  Prefer: {
    name: 'Prefer',
    in: 'header',
    description:
      '`wait=N`: how many seconds to wait, at most 10. `handling=lenient`: rather a stale answer than none. RFC 7240.',
    schema: text,
    example: 'wait=5',
  },
} satisfies Components['parameters'];

const headers = {
  ETag: { description: 'Entity tag of this representation; If-Match takes it.', schema: text },
  ConsistencyToken: { description: 'Lets queries see what this command did.', schema: text },
  AsOfPosition: { description: 'Where `asOf` was asked for: the place in the log that it meant.', schema: text },
  IdempotentReplayed: {
    description: '`true`: the command had been done before; this is the answer to it.',
    schema: text,
  },
} satisfies Components['headers'];

const ref = (place: 'parameters' | 'headers', name: string) => ({ $ref: `#/components/${place}/${name}` });

/**
 * Completes what Nest gathered from the code: problem types, security and the headers that kinds of routes share. OpenAPI 3.1.
 * @throws Error when a route documents a problem type that nobody declared
 */
export function complete(document: OpenAPIObject, refusals: readonly string[] = []): OpenAPIObject {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const operation of Object.values(item) as (Operation & Record<string, unknown>)[]) {
      if (typeof operation !== 'object' || !('responses' in operation)) continue;
      addPathIds(path, operation);
      completeOperation(operation, refusals);
    }
  }
  const { schemas, examples, responses } = problemComponents();
  const own = document.components ?? {};
  document.components = {
    ...own,
    schemas: { ...own.schemas, ...schemas },
    examples: { ...own.examples, ...examples },
    responses: { ...own.responses, ...responses },
    parameters: { ...own.parameters, ...parameters },
    headers: { ...own.headers, ...headers },
  };
  return modern(document) as OpenAPIObject;
}

/** Parameters of the path that `@PathId` takes: Nest does not know of them. */
function addPathIds(path: string, operation: Operation): void {
  const known = new Set((operation.parameters ?? []).map((parameter) => ('name' in parameter ? parameter.name : '')));
  const ids = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name = '']) => (known.has(name) ? [] : [name]));
  const added = ids.map((name) => ({ name, in: 'path' as const, required: true, schema: { ...text, format: 'uuid' } }));
  operation.parameters = [...(operation.parameters ?? []), ...added];
}

function completeOperation(operation: Operation & Record<string, unknown>, refusals: readonly string[]): void {
  const access = operation[ACCESS_EXTENSION] as Access | undefined;
  const kind = operation[KIND_EXTENSION] as RouteKind | undefined;
  refuseUndocumented(operation, kind);
  const stated = [...(kind?.problems ?? []), ...((operation[PROBLEMS_EXTENSION] as string[] | undefined) ?? [])];
  for (const extension of [ACCESS_EXTENSION, KIND_EXTENSION, CONTEXT_EXTENSION, PROBLEMS_EXTENSION])
    delete operation[extension];
  operation.security = access?.kind === 'public' ? [] : [{ [BEARER]: [] }];
  if (access?.kind === 'roles') operation['x-roles'] = access.roles;
  const rateClass = (operation[RATE_CLASS_EXTENSION] ??= READS) as string;
  const guarded = access?.kind === 'public' ? [] : refusals;
  const codes = [...stated, ...guarded, ...impliedBy(operation, rateClass, access, kind)];
  operation.parameters = [...(operation.parameters ?? []), ...parametersOf(kind)];
  addHeaders(operation, kind);
  describeResponses(operation);
  if (kind?.kind === 'query')
    operation.responses['304'] = { description: 'The client has this representation already.' };
  operation.responses = { ...operation.responses, ...problemResponses(codes) };
}

/** @throws Error where a route takes a command's identity and preconditions from its request, and clients are not told of them */
function refuseUndocumented(operation: Operation & Record<string, unknown>, kind?: RouteKind): void {
  const context = operation[CONTEXT_EXTENSION] as ContextOptions | undefined;
  if (context === undefined) return;
  if (kind?.kind === 'command' && (context.ifMatch === undefined || context.ifMatch === kind.ifMatch)) return;
  throw new Error(`${operation.operationId} takes a CommandContext: state @CommandDocs() as its @Context() is.`);
}

/** What every route may need beside the process that answers: the log, the read models, the keys. */
const AWAY = ['store-unavailable', 'store-damaged', 'read-models-unavailable', 'personal-data-unavailable'] as const;

/** What can go wrong follows from what a route takes and who may call it. */
function impliedBy(
  { parameters = [], requestBody }: Operation,
  rateClass: string,
  access?: Access,
  kind?: RouteKind,
): Code[] {
  const codes: Code[] = ['internal-error'];
  const places = new Set(parameters.map((parameter) => ('in' in parameter ? parameter.in : '')));
  if (access?.kind !== 'public') codes.push('token-missing', 'token-invalid', 'token-expired', 'token-revoked');
  if (access?.kind === 'roles') codes.push('role-missing');
  if (kind || access?.kind !== 'public') codes.push(...AWAY);
  if (rateClass !== UNLIMITED) codes.push('too-many-requests');
  if (places.has('path')) codes.push('not-found');
  if (places.has('query') || requestBody) codes.push('validation-failed');
  if (requestBody) codes.push('json-invalid', 'body-too-large', 'media-type-unsupported');
  if (parameters.some((parameter) => 'name' in parameter && parameter.name === 'cursor')) codes.push('cursor-invalid');
  if (kind?.kind === 'query') codes.push('consistency-token-invalid', 'token-ahead', 'query-timeout', ...UNREADABLE);
  if (kind?.asOf) codes.push('as-of-invalid');
  if (kind?.kind === 'command') {
    codes.push('idempotency-key-invalid', 'if-match-invalid', 'precondition-failed');
    // Of a stranger the body is part of the command's id.
    if (access?.kind !== 'public') codes.push('idempotency-key-reused');
    codes.push('outcome-unknown', 'too-many-conflicts', 'too-many-commands');
  }
  if (kind?.ifMatch === 'required') codes.push('precondition-required');
  return codes;
}

function parametersOf(kind?: RouteKind) {
  if (kind?.kind === 'query')
    return [...(kind.asOf ? ['AsOf'] : []), 'ConsistencyToken', 'Prefer', 'IfNoneMatch'].map((name) =>
      ref('parameters', name),
    );
  if (kind?.kind !== 'command') return [];
  const ifMatch = kind.ifMatch === 'required' ? ['RequiredIfMatch'] : kind.ifMatch ? ['IfMatch'] : [];
  return ['IdempotencyKey', ...ifMatch, ...(kind.wait ? ['Prefer'] : [])].map((name) => ref('parameters', name));
}

function addHeaders(operation: Operation, kind?: RouteKind): void {
  if (!kind) return;
  const ofQuery = kind.asOf ? ['ETag', 'AsOfPosition'] : ['ETag'];
  const names = kind.kind === 'query' ? ofQuery : ['ETag', 'ConsistencyToken', 'IdempotentReplayed'];
  const fields = {
    AsOfPosition: 'As-Of-Position',
    ConsistencyToken: 'Consistency-Token',
    ETag: 'ETag',
    IdempotentReplayed: 'Idempotent-Replayed',
  };
  const shared = Object.fromEntries(names.map((name) => [fields[name as keyof typeof fields], ref('headers', name)]));
  for (const [status, response] of Object.entries(operation.responses))
    if (/^2/.test(status) && response && !('$ref' in response)) response.headers = { ...shared, ...response.headers };
}

/** A response must be described (OpenAPI 3.1, 4.8.17); where nobody did, its status says it. */
function describeResponses({ responses }: Operation): void {
  for (const [status, response] of Object.entries(responses))
    if (response && !('$ref' in response)) response.description ||= STATUS_CODES[status] ?? status;
}

/** Members whose content is data, not schema. */
const DATA = new Set(['example', 'examples', 'default', 'const', 'enum', 'value']);

/** OpenAPI 3.0 said `exclusiveMinimum: true` beside `minimum`; JSON Schema 2020-12, and so 3.1, has the bound itself there. */
function modern(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(modern);
  if (typeof node !== 'object' || node === null) return node;
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(node)) result[name] = DATA.has(name) ? value : modern(value);
  for (const [bound, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (typeof result[exclusive] !== 'boolean') continue;
    if (result[exclusive] && result[bound] !== undefined) {
      result[exclusive] = result[bound];
      delete result[bound];
    } else delete result[exclusive];
  }
  return result;
}
