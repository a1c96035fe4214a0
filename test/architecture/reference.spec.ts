import { builtOpenApi, type OpenApi, type Response, type Schema } from '../support/built-openapi';

/** What the reference leaves open, each as `<METHOD> <path> <status>` or the name of a schema, and what. */
function leftOpen({ paths, components: { schemas } }: OpenApi): string[] {
  const ofRoutes = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, { responses }]) =>
      Object.entries(responses)
        .filter(([status]) => /^2/.test(status) && status !== '204')
        .flatMap(([status, response]) =>
          openIn(response).map((what) => `${method.toUpperCase()} ${path} ${status} ${what}`),
        ),
    ),
  );
  const ofSchemas = Object.entries(schemas).flatMap(([name, schema]) =>
    namesNothing(schema).map((place) => `${name}${place} names no members`),
  );
  return [...ofRoutes, ...ofSchemas];
}

function openIn({ content = {} }: Response): string[] {
  const types = Object.entries(content);
  if (types.length === 0) return ['has no content'];
  return types.flatMap(([type, { schema }]) =>
    schema ? namesNothing(schema).map((place) => `${type}${place} names no members`) : [`${type} has no schema`],
  );
}

/** The places of objects that neither name their members nor say that there may be any. */
function namesNothing(schema: Schema, place = ''): string[] {
  const { type, properties, additionalProperties, items, allOf = [], anyOf = [], oneOf = [] } = schema;
  const isOpen = [type].flat().includes('object') && !properties && additionalProperties === undefined;
  return [
    ...(isOpen ? [place] : []),
    ...Object.entries(properties ?? {}).flatMap(([name, member]) => namesNothing(member, `${place}/${name}`)),
    ...(items ? namesNothing(items, `${place}/0`) : []),
    ...[...allOf, ...anyOf, ...oneOf].flatMap((part) => namesNothing(part, place)),
  ];
}

describe('the reference says of every route what it answers', () => {
  const api = builtOpenApi();
  const answering = (response: Response, schemas: OpenApi['components']['schemas'] = {}): OpenApi => ({
    paths: { '/cart': { get: { responses: { 200: response } } } },
    components: { schemas, responses: {} },
  });
  const json = (schema?: Schema): Response => ({ content: { 'application/json': schema ? { schema } : {} } });

  it('holds', () => {
    expect(Object.keys(api.paths).length).toBeGreaterThan(40);
    expect(leftOpen(api)).toEqual([]);
  });

  it.each([
    ['no content', answering({}), 'GET /cart 200 has no content'],
    ['no schema', answering(json()), 'GET /cart 200 application/json has no schema'],
    ['any object', answering(json({ type: 'object' })), 'GET /cart 200 application/json names no members'],
    [
      'any object in a list',
      answering(json({ type: 'array', items: { type: 'object' } })),
      'GET /cart 200 application/json/0 names no members',
    ],
    [
      'any object in a schema',
      answering(json({ $ref: '#/components/schemas/Cart' }), {
        Cart: { type: 'object', properties: { totals: { type: ['object', 'null'] } } },
      }),
      'Cart/totals names no members',
    ],
  ])('would be seen to be broken by %s', (_, broken, found) => expect(leftOpen(broken)).toEqual([found]));
});
