import type { OpenAPIObject } from '@nestjs/swagger';
import { problemTypes } from '../rejection';
import { PROBLEM_MEDIA_TYPE, PROBLEM_MEMBERS, problemTypeOf, typeOf, type ProblemDocument } from './problem';

type Components = NonNullable<OpenAPIObject['components']>;
type Responses = NonNullable<Components['responses']>;

const problemSchema = (): NonNullable<Components['schemas']> => ({
  Problem: {
    type: 'object',
    description: 'Problem details (RFC 9457). Further members depend on the type.',
    required: [...PROBLEM_MEMBERS],
    properties: {
      type: { type: 'string', format: 'uri-reference', description: 'Names the kind of problem; it resolves.' },
      title: { type: 'string', description: 'The same for every occurrence of the type.' },
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: { type: 'string', description: 'What is special about this occurrence.' },
      instance: { type: 'string', format: 'uri-reference', description: 'Path of the request.' },
      traceId: { type: 'string', description: 'Finds the request in logs and traces.' },
      code: { type: 'string', description: 'The last part of the type.' },
      errors: { type: 'array', items: { $ref: '#/components/schemas/ProblemError' } },
    },
    additionalProperties: true,
  },
  ProblemError: {
    type: 'object',
    required: ['detail'],
    properties: {
      pointer: {
        type: 'string',
        description: 'Place in the body (JSON Pointer, RFC 6901).',
        example: '/lines/0/quantity',
      },
      parameter: { type: 'string', description: 'Parameter of the URL.' },
      detail: { type: 'string' },
    },
  },
});

function exampleOf(code: string): ProblemDocument {
  const type = problemTypeOf(code);
  if (!type) throw new Error(`A route documents the problem type ${code}, which nobody declared.`);
  const common = { instance: '/api/…', traceId: '0af7651916cd43dd8448eb211c80319c', code };
  return { type: typeOf(code), title: type.title, status: type.status, ...common };
}

const content = (...codes: readonly string[]) => ({
  [PROBLEM_MEDIA_TYPE]: {
    schema: { $ref: '#/components/schemas/Problem' },
    examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
  },
});

/** Every problem type that is declared: its schema, an example of each, and a response that routes refer to. */
export function problemComponents(): Pick<Components, 'schemas' | 'examples' | 'responses'> {
  const codes = [...problemTypes.keys()].sort();
  const each = <T>(make: (code: string) => T) => Object.fromEntries(codes.map((code) => [code, make(code)]));
  return {
    schemas: problemSchema(),
    examples: each((code) => ({ summary: exampleOf(code).title, value: exampleOf(code) })),
    responses: each((code) => ({ description: exampleOf(code).title, content: content(code) })),
  };
}

/** The responses of a route that answers with these problem types, by status. @throws Error for an undeclared one */
export function problemResponses(codes: Iterable<string>): Responses {
  const byStatus = new Map<number, string[]>();
  for (const code of new Set(codes)) {
    const { status } = exampleOf(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses: Responses = {};
  for (const [status, same] of byStatus) {
    const [only] = same;
    responses[status] =
      same.length === 1
        ? { $ref: `#/components/responses/${only}` }
        : { description: same.map((code) => `- ${exampleOf(code).title}`).join('\n'), content: content(...same) };
  }
  return responses;
}
