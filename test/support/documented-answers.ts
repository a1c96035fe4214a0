import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import { IsDateTime, IsEmail, IsIri, IsUri, IsUriReference, IsUuid } from 'typebox/format';
import { PROBLEM_MEDIA_TYPE } from '#src/kernel/http/problem';
import { builtOpenApi, whyOutdated, type Content, type OpenApi, type Operation, type Schema } from './built-openapi';

/** An answer as it came. */
export interface HeardAnswer {
  readonly method: string;
  /** With or without a query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string | null;
  /** As it was sent; empty: none. */
  readonly text: string;
}

/** The API answered what its reference does not say. */
export class UndocumentedAnswer extends Error {}

/** Served, and no part of the API. */
const BESIDE_THE_API = /^\/(docs|docs-json|health|metrics)(\/|$)/;

const FORMATS = {
  binary: true,
  'date-time': IsDateTime,
  email: IsEmail,
  iri: IsIri,
  uri: IsUri,
  'uri-reference': IsUriReference,
  uuid: IsUuid,
} as const;

/** How the server says no before it is known which route is meant, or that there is none. */
const BEFORE_ANY_ROUTE = new Set([
  'bad-request',
  'expectation-failed',
  'headers-too-large',
  'method-not-allowed',
  'not-ready',
  'not-served-here',
  'request-timeout',
  'route-not-found',
  'shutting-down',
  'too-many-connections',
  'url-malformed',
  'url-too-long',
]);

const MOST_FAULTS = 3;

/**
 * Holds answers against the reference: the route must say this status, this problem or this type of content, and its schema the body,
 * with every member that is in it. (A schema that leaves others open says `additionalProperties`.)
 */
export class DocumentedAnswers {
  private readonly schemas = new Ajv2020({ strict: false, allErrors: true, formats: FORMATS });
  private readonly compiled = new Map<Schema, ValidateFunction>();

  constructor(private readonly api: OpenApi) {
    const schemas = mapped(api.components.schemas, (schema) => closed(schema, 'part'));
    this.schemas.addSchema({ components: { schemas } }, REFERENCE);
  }

  /** What is wrong with the answer; null: nothing. */
  fault(answer: HeardAnswer): string | null {
    const path = new URL(answer.path, 'http://localhost').pathname;
    const isProblem = mediaTypeOf(answer) === PROBLEM_MEDIA_TYPE;
    if (BESIDE_THE_API.test(path) || (isProblem && BEFORE_ANY_ROUTE.has(codeOf(answer.text)))) return null;
    const template = templateOf(this.api, path);
    const method = answer.method === 'HEAD' ? 'get' : answer.method.toLowerCase();
    const operation = template === null ? undefined : this.api.paths[template]?.[method];
    const route = `${answer.method} ${template ?? path}`;
    if (!operation) return `${route} answered ${answer.status}, and there is no such route in the reference`;
    const wrong = this.wrongBy(operation, answer);
    return wrong && `${route} answered ${answer.status}, ${wrong}`;
  }

  private wrongBy({ responses }: Operation, answer: HeardAnswer): string | null {
    const { status, text } = answer;
    const stated = responses[status];
    if (!stated) return `which is not documented (${Object.keys(responses).join(', ')} are): ${text.slice(0, 200)}`;
    const named = stated.$ref?.split('/').at(-1);
    const content = (named === undefined ? stated : this.api.components.responses[named])?.content;
    if (text === '')
      return content && status !== 304 && answer.method !== 'HEAD' ? 'without the documented body' : null;
    if (!content) return `with a body that is not documented: ${text.slice(0, 200)}`;
    return this.wrongInBody(content, answer);
  }

  private wrongInBody(content: Content, answer: HeardAnswer): string | null {
    const type = mediaTypeOf(answer);
    const stated = content[type];
    if (!stated) return `of type ${type} (${Object.keys(content).join(', ')} is documented)`;
    if (type === PROBLEM_MEDIA_TYPE && !(codeOf(answer.text) in (stated.examples ?? {})))
      return `with the code ${codeOf(answer.text)} (${Object.keys(stated.examples ?? {}).join(', ')} are documented)`;
    if (!/[/+]json$/.test(type) || !stated.schema) return null;
    const validate = this.validatorOf(stated.schema);
    if (validate(JSON.parse(answer.text))) return null;
    return `which its schema does not say: ${faultsOf(validate.errors ?? []).join('; ')}`;
  }

  private validatorOf(schema: Schema): ValidateFunction {
    const known = this.compiled.get(schema) ?? this.schemas.compile(closed(schema));
    this.compiled.set(schema, known);
    return known;
  }
}

let ofThisBuild: DocumentedAnswers | null = null;

/** @throws UndocumentedAnswer when the reference of the compiled shop does not say so; Error when it was not compiled */
export function assertDocumented(answer: HeardAnswer): void {
  const fault = (ofThisBuild ??= new DocumentedAnswers(builtOpenApi())).fault(answer);
  if (fault === null) return;
  const outdated = whyOutdated();
  throw new UndocumentedAnswer(outdated === null ? fault : `${fault} (${outdated})`);
}

const mediaTypeOf = ({ contentType }: HeardAnswer): string => (contentType ?? '').split(';')[0]!.trim();

const codeOf = (text: string): string => String((JSON.parse(text) as { code?: unknown }).code);

/** The path of the reference that is meant: `/api/orders/history` rather than `/api/orders/{orderId}`. */
function templateOf(api: OpenApi, path: string): string | null {
  const parts = path.split('/');
  const fits = (template: string) => {
    const stated = template.split('/');
    return stated.length === parts.length && stated.every((part, n) => part.startsWith('{') || part === parts[n]);
  };
  const named = (template: string) => template.split('{').length;
  return (
    Object.keys(api.paths)
      .filter(fits)
      .sort((a, b) => named(a) - named(b))[0] ?? null
  );
}

/** The deepest first: of several branches, that is the one which was meant. */
function faultsOf(errors: readonly ErrorObject[]): string[] {
  const deepest = [...errors].sort((a, b) => b.instancePath.split('/').length - a.instancePath.split('/').length);
  const said = deepest.map(({ instancePath, message, params }) => {
    const { unevaluatedProperty, allowedValues } = params as {
      unevaluatedProperty?: string;
      allowedValues?: unknown[];
    };
    if (unevaluatedProperty !== undefined) return `${instancePath}/${unevaluatedProperty} is not named`;
    return `${instancePath || 'the body'} ${message}${allowedValues ? ` (${allowedValues.join(', ')})` : ''}`;
  });
  return [...new Set(said)].slice(0, MOST_FAULTS);
}

const REFERENCE = 'reference';

/**
 * The schema, in which every object that does not leave others open holds the members that are named, and no others. A `part` is one of
 * several schemas for the same value, which only together say what it holds.
 */
function closed(schema: Schema, part: 'whole' | 'part' = 'whole'): Schema {
  const { $ref, properties, items, additionalProperties, allOf, anyOf, oneOf } = schema;
  const parts = (of: readonly Schema[]) => of.map((each) => closed(each, 'part'));
  return {
    ...schema,
    ...($ref && { $ref: `${REFERENCE}${$ref}` }),
    ...(properties && { properties: mapped(properties, (each) => closed(each)) }),
    ...(items && { items: closed(items) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: closed(additionalProperties) }),
    ...(allOf && { allOf: parts(allOf) }),
    ...(anyOf && { anyOf: parts(anyOf) }),
    ...(oneOf && { oneOf: parts(oneOf) }),
    ...(part === 'whole' && mayBeObject(schema) && { unevaluatedProperties: false }),
  };
}

const mayBeObject = ({ $ref, type, properties, allOf, anyOf, oneOf }: Schema): boolean =>
  [$ref, properties, allOf, anyOf, oneOf].some((stated) => stated !== undefined) || [type].flat().includes('object');

const mapped = <T>(of: Readonly<Record<string, T>>, map: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, map(value)]));
