import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Controller, Get, Post, type INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Public } from '#src/kernel/http/access';
import { Problems } from '#src/kernel/http/docs.decorators';
import { Health } from '#src/kernel/http/health';
import { answerOperators, createHttpApp, readyForOperators } from '#src/kernel/http/http-app';
import { Limited } from '#src/kernel/http/limits/limited';
import { problemTypes } from '#src/kernel/rejection';
import { moduleWith, parcelApp } from '../support/http-kernel';

const config = { bodyLimit: 1_000, publicUrl: 'http://localhost:3000' };

async function running<T>(app: NestFastifyApplication, use: (app: NestFastifyApplication) => Promise<T>): Promise<T> {
  try {
    await app.init();
    return await use(app);
  } finally {
    await app.close();
  }
}

describe('the policy of routes', () => {
  it('must be stated for every one of them, or the server does not start', async () => {
    @Controller('open')
    class Open {
      @Get()
      @Public()
      stated(): void {}

      @Post(':id')
      forgotten(): void {}
    }
    const start = createHttpApp(moduleWith(Open), config, { nest: { logger: false } });
    await expect(start).rejects.toThrow('State @Public(), @Authenticated() or @Roles(...) on: POST Open.forgotten.');
  });
});

describe('the class of requests', () => {
  it('must be stated by every route that changes something, or the server does not start', async () => {
    @Controller('open')
    @Public()
    class Open {
      @Get()
      read(): void {}

      @Post()
      @Limited('changes')
      stated(): void {}

      @Post(':id')
      forgotten(): void {}
    }
    const start = createHttpApp(moduleWith(Open), config, { nest: { logger: false } });
    await expect(start).rejects.toThrow('State @Limited(...) on: POST Open.forgotten.');
  });

  it('must be one that there is', async () => {
    @Controller('open')
    @Public()
    class Open {
      @Post()
      @Limited('chnages')
      misspelled(): void {}
    }
    const limits = { classes: { changes: { most: 1, windowSeconds: 1 }, reads: { most: 1, windowSeconds: 1 } } };
    const start = createHttpApp(moduleWith(Open), config, { nest: { logger: false }, limits });
    await expect(start).rejects.toThrow('State @Limited(one of changes, reads) on: POST Open.misspelled.');
  });
});

describe('bytes that are no request that could be routed', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await parcelApp();
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  const exchange = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port } = app.getHttpServer().address() as AddressInfo;
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk) => (answer += chunk.toString())).on('close', () => resolve(answer));
      socket.on('error', reject);
    });

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'bad-request'],
    ['an unknown method', 'BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'bad-request'],
    [
      'headers that are too large',
      `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    ['no Host', 'GET /problems/not-found HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'bad-request'],
    [
      'an unknown Expect',
      'GET /problems/not-found HTTP/1.1\r\nHost: x\r\nExpect: magic\r\n\r\n',
      417,
      'expectation-failed',
    ],
  ])('are answered with a problem document: %s', async (_, bytes, status, code) => {
    const answer = await exchange(bytes);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head.toLowerCase()).toContain('content-type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ type: `/problems/${code}`, status });
  });
});

describe('headers', () => {
  it('let a browser do nothing with an answer but read it', async () => {
    await running(await parcelApp(), async (app) => {
      for (const url of ['/health/live', '/nope', '/parcels/%zz', '/parcels/fails/defect']) {
        const { headers } = await app.inject(url);
        expect(headers).toMatchObject({
          'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'strict-transport-security': expect.stringContaining('max-age='),
        });
        expect(headers).not.toHaveProperty('x-powered-by');
        expect(headers).not.toHaveProperty('server');
      }
    });
  });

  it('let the documentation load from this server alone', async () => {
    await running(await parcelApp(), async (app) => {
      const { headers, body } = await app.inject('/docs');
      expect(headers['content-security-policy']).toContain("script-src 'self';");
      const assets = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url);
      expect(assets.length).toBeGreaterThan(3);
      for (const asset of assets) {
        const { statusCode } = await app.inject(new URL(asset, 'http://x/docs').pathname);
        expect([asset, statusCode]).toEqual([asset, 200]);
      }
      expect(body).not.toMatch(/<script>|on\w+="/);
    });
  });

  it('say of a path that leads out of the documentation that nothing is there', async () => {
    await running(await parcelApp(), async (app) => {
      const { statusCode, body } = await app.inject('/docs/../x');
      expect([statusCode, JSON.parse(body).code]).toEqual([404, 'route-not-found']);
    });
  });
});

describe('health', () => {
  const ready = async (app: NestFastifyApplication) => {
    const { statusCode, body } = await app.inject('/health/ready');
    return { status: statusCode, body: JSON.parse(body) };
  };

  it('is live and ready when every check is', async () => {
    await running(await parcelApp(), async (app) => {
      app.get(Health).add({ name: 'store', check: async () => ({ ready: true }) });
      expect((await app.inject('/health/live')).json()).toEqual({ status: 'live' });
      const checks = ['process', 'store'].map((name) => ({ name, ready: true }));
      expect(await ready(app)).toEqual({ status: 200, body: { status: 'ready', checks } });
    });
  });

  it('says which check is not ready, and why', async () => {
    await running(await parcelApp(), async (app) => {
      app.get(Health).add({ name: 'search', check: async () => ({ ready: false, detail: '12 % rebuilt' }) });
      app.get(Health).add({ name: 'store', check: () => Promise.reject(new Error('no route to host')) });
      const { status, body } = await ready(app);
      expect([status, body.code]).toEqual([503, 'not-ready']);
      expect(body.checks).toEqual([
        { name: 'process', ready: true },
        { name: 'search', ready: false, detail: '12 % rebuilt' },
        { name: 'store', ready: false, detail: 'no route to host' },
      ]);
    });
  });

  it.each([
    ['building', 'It is not open yet.'],
    ['draining', 'It is shutting down.'],
  ] as const)('says no while the process is %s', async (state, detail) => {
    await running(await parcelApp(), async (app) => {
      app.get(Health).state = state;
      const { status, body } = await ready(app);
      expect([status, body.checks]).toEqual([503, [{ name: 'process', ready: false, detail }]]);
      expect((await app.inject('/health/live')).statusCode).toBe(200);
    });
  });

  it.each(['/health/live', '/health/ready', '/metrics', '/%6Detrics', '/health/%6cive'])(
    'and metrics are not on the port of the API: %s',
    async (path) => {
      await running(await parcelApp(), async (app) => {
        await app.listen(0, '127.0.0.1');
        const answer = await fetch(`${await app.getUrl()}${path}`);
        expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, 'route-not-found']);
        expect((await app.inject(path)).statusCode).toBe(200);
      });
    },
  );
});

describe('a request of operators', () => {
  it('is answered although nothing listens on the port of the API', async () => {
    await running(await parcelApp(), async (app) => {
      await readyForOperators(app);
      app.get(Health).add({ name: 'store', check: async () => ({ ready: false }) });
      const ops = createServer((incoming, response) => answerOperators(app, incoming, response));
      await new Promise<void>((resolve) => ops.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(ops.address() as AddressInfo).port}`;
      const statuses = ['/health/live', '/health/ready', '/metrics', '/parcels/prefer', '/nope'].map(
        async (path) => (await fetch(url + path)).status,
      );
      expect(await Promise.all(statuses)).toEqual([200, 503, 200, 200, 404]);
      ops.close();
      ops.closeAllConnections();
    });
  });
});

describe('problem types', () => {
  it('resolve: what a problem names describes it', async () => {
    await running(await parcelApp(), async (app) => {
      const { type } = (await app.inject('/parcels/fails/rejected')).json();
      expect((await app.inject(type)).json()).toEqual({
        type,
        code: 'shelf-full',
        status: 409,
        title: 'The shelf is full.',
      });
      expect((await app.inject('/problems/never-heard-of')).statusCode).toBe(404);
    });
  });

  it('are listed', async () => {
    await running(await parcelApp(), async (app) => {
      const { items } = (await app.inject('/problems')).json() as { items: { code: string }[] };
      expect(items.map(({ code }) => code)).toEqual([...problemTypes.keys()].sort());
    });
  });
});

describe('the OpenAPI document', () => {
  type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
  let app: INestApplication;
  let document: OpenAPIObject;
  beforeAll(async () => {
    const parcels = await parcelApp();
    app = parcels;
    await parcels.init();
    document = (await parcels.inject('/docs-json')).json();
  });
  afterAll(() => app.close());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({ path, method, operation })),
    );
  const nodes = (node: unknown): object[] =>
    typeof node === 'object' && node !== null ? [node, ...Object.values(node).flatMap(nodes)] : [];
  const named = ({ parameters = [] }: Operation) =>
    parameters.map((parameter) =>
      '$ref' in parameter ? (resolve(parameter.$ref) as { name: string }).name : parameter.name,
    );
  const resolve = (ref: string): unknown =>
    ref
      .slice(2)
      .split('/')
      .reduce<unknown>((node, name) => (node as Record<string, unknown> | undefined)?.[name], document);

  it('is of version 3.1, and says where the server is', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Parcels', version: '1.2.3' } });
    expect(document.servers).toEqual([{ url: 'http://localhost:3000' }]);
  });

  it('refers to nothing that it does not have', () => {
    const refs = nodes(document).flatMap((node) =>
      '$ref' in node && typeof node.$ref === 'string' ? [node.$ref] : [],
    );
    expect(refs.length).toBeGreaterThan(50);
    expect(refs.filter((ref) => resolve(ref) === undefined)).toEqual([]);
  });

  it('has no word that only OpenAPI 3.0 knows', () => {
    const old = nodes(document).filter(
      (node) => 'nullable' in node || typeof Object(node).exclusiveMinimum === 'boolean',
    );
    expect(old).toEqual([]);
  });

  it('declares every parameter of every path, and names each operation once', () => {
    for (const { path, operation } of operations())
      for (const [, name] of path.matchAll(/\{(\w+)\}/g)) expect([path, ...named(operation)]).toContain(name);
    const names = operations().map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has every problem type, with an example', () => {
    const { examples = {}, responses = {} } = document.components ?? {};
    for (const [code, { status, title }] of problemTypes) {
      expect(examples[code]).toMatchObject({ value: { type: `/problems/${code}`, status, title } });
      expect(responses[code]).toMatchObject({ description: title });
    }
  });

  it('says who may call what', () => {
    expect(document.paths['/parcels']?.get?.security).toEqual([]);
    expect(document.paths['/parcels']?.post?.security).toEqual([{ bearer: [] }]);
    expect(document.paths['/parcels/{id}']?.patch).toMatchObject({ 'x-roles': ['seller', 'admin'] });
    expect(document.components?.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } });
  });

  it('shows the headers of commands and queries, and the problems that follow from them', () => {
    const command = document.paths['/parcels']?.post as Operation;
    expect(named(command)).toEqual(['Idempotency-Key', 'If-Match']);
    expect(Object.keys(command.responses)).toEqual(
      expect.arrayContaining(['201', '400', '401', '409', '412', '413', '415', '422', '500', '503']),
    );
    expect(command.responses['201']).toMatchObject({
      headers: { ETag: {}, 'Consistency-Token': {}, 'Idempotent-Replayed': {} },
    });
    expect(command.responses['409']).toEqual({ $ref: '#/components/responses/shelf-full' });
    const query = document.paths['/parcels']?.get as Operation;
    expect(named(query)).toEqual(
      expect.arrayContaining(['limit', 'cursor', 'Consistency-Token', 'Prefer', 'If-None-Match']),
    );
    expect(Object.keys(query.responses)).toEqual(expect.arrayContaining(['200', '304', '400', '409', '503']));
  });

  it('describes every response', () => {
    for (const { operation } of operations())
      for (const response of Object.values(operation.responses))
        expect(response && '$ref' in response ? resolve(response.$ref) : response).toHaveProperty(
          'description',
          expect.stringMatching(/./),
        );
  });

  it('shows what bodies may be', () => {
    expect(document.components?.schemas?.['LineBody']).toMatchObject({
      required: ['variantId', 'quantity'],
      properties: { variantId: { format: 'uuid' }, quantity: { type: 'integer', minimum: 1, maximum: 10_000 } },
    });
    expect(document.components?.schemas?.['ParcelBody']).toMatchObject({
      required: ['label', 'to', 'lines'],
      properties: { lines: { type: 'array', maxItems: 3, items: { $ref: '#/components/schemas/LineBody' } } },
    });
  });

  it('is not made when a route names a problem type that nobody declared', async () => {
    @Public()
    @Controller('typo')
    class Typo {
      @Get()
      @Problems('no-such-problem')
      get(): void {}
    }
    await running(await createHttpApp(moduleWith(Typo), config, { nest: { logger: false } }), async (typo) => {
      expect((await typo.inject('/docs-json')).statusCode).toBe(500);
    });
  });
});
