import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { encodeToken } from '#src/kernel/http/consistency';
import { positionOf } from '#src/kernel/position';
import { ANN, GUS, Heard, NOW, parcelApp, ParcelController, STORE_ID } from '../support/http-kernel';

const heard = new Heard();
let app: NestFastifyApplication;
beforeAll(async () => {
  app = await parcelApp(heard);
  await app.init();
});
afterAll(() => app.close());

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
type Headers = Readonly<Record<string, string>>;

async function send(method: Method, url: string, headers: Headers = {}, payload?: object | string) {
  const { statusCode, headers: answered, body } = await app.inject({ method, url, headers: { ...headers }, payload });
  return { status: statusCode, headers: answered, text: body, body: body === '' ? null : JSON.parse(body) };
}

const get = (url: string, headers?: Headers) => send('GET', url, headers);
const json = { 'content-type': 'application/json' };
const ann = { authorization: 'Bearer ann' };
const gus = { authorization: 'Bearer gus' };
const parcel = {
  label: 'Books',
  to: { city: 'Ulm' },
  lines: [{ variantId: '0198c0de-0000-7000-8000-000000000001', quantity: 1 }],
};
const post = (body: object | string, headers: Headers = {}) =>
  send('POST', '/parcels', { ...ann, ...json, ...headers }, body);

describe('every error is a problem document (RFC 9457)', () => {
  it('which does not say again what an overlong URL held', async () => {
    const { body } = await send('GET', `/parcels/${'secret'.repeat(40)}`, {});
    expect(JSON.stringify({ ...body, instance: null })).not.toContain('secret');
  });

  it.each([
    ['an unknown URL', 'GET', '/nope', {}, undefined, 404, 'route-not-found'],
    ['an unknown URL, whatever the body', 'POST', '/nope', json, '{', 404, 'route-not-found'],
    ['a method that the URL does not have', 'DELETE', '/parcels', {}, undefined, 405, 'method-not-allowed'],
    ['a malformed URL', 'GET', '/parcels/%zz', {}, undefined, 400, 'url-malformed'],
    ['an overlong part of a URL', 'GET', `/parcels/${'x'.repeat(200)}`, {}, undefined, 414, 'url-too-long'],
    ['broken JSON', 'POST', '/parcels', { ...ann, ...json }, '{"label":', 400, 'json-invalid'],
    [
      'another media type',
      'POST',
      '/parcels',
      { ...ann, 'content-type': 'text/xml' },
      '<a/>',
      415,
      'media-type-unsupported',
    ],
    ['plain text', 'POST', '/parcels', { ...ann, 'content-type': 'text/plain' }, 'a', 415, 'media-type-unsupported'],
    [
      'JSON of another charset',
      'POST',
      '/parcels',
      { ...ann, 'content-type': 'application/json; charset=iso-8859-1' },
      '{}',
      415,
      'media-type-unsupported',
    ],
    [
      'a body that is not UTF-8',
      'POST',
      '/parcels',
      { ...ann, ...json },
      Buffer.from('{"label":"J\xf6rg"}', 'latin1'),
      400,
      'json-invalid',
    ],
    [
      'a body that is too large',
      'POST',
      '/parcels',
      { ...ann, ...json },
      `"${'x'.repeat(10_001)}"`,
      413,
      'body-too-large',
    ],
    [
      'a token that the guard refuses',
      'GET',
      '/parcels/me',
      { authorization: 'Bearer eve' },
      undefined,
      401,
      'unauthenticated',
    ],
    ['nobody where somebody is needed', 'GET', '/parcels/me', {}, undefined, 401, 'unauthenticated'],
    ['an id that is none', 'GET', '/parcels/seven', {}, undefined, 404, 'not-found'],
    ['a rejection', 'GET', '/parcels/fails/rejected', {}, undefined, 409, 'shelf-full'],
    ['a store that is away', 'GET', '/parcels/fails/unavailable', {}, undefined, 503, 'store-unavailable'],
    ['a query that takes too long', 'GET', '/parcels/fails/slow', {}, undefined, 503, 'query-timeout'],
    ['read models that are away', 'GET', '/parcels/fails/unread', {}, undefined, 503, 'read-models-unavailable'],
    ['an unknown outcome', 'GET', '/parcels/fails/unknown', {}, undefined, 503, 'outcome-unknown'],
    ['a key store that is away', 'GET', '/parcels/fails/keyless', {}, undefined, 503, 'personal-data-unavailable'],
    ['erased personal data', 'GET', '/parcels/fails/erased', {}, undefined, 410, 'personal-data-erased'],
    ['a rejection that nobody declared', 'GET', '/parcels/fails/undeclared', {}, undefined, 500, 'internal-error'],
    ['a defect', 'GET', '/parcels/fails/defect', {}, undefined, 500, 'internal-error'],
    ['something thrown that is no error', 'GET', '/parcels/fails/text', {}, undefined, 500, 'internal-error'],
  ] as [string, Method, string, Headers, string | Buffer | undefined, number, string][])(
    '%s',
    async (_, method, url, headers, payload, status, code) => {
      const answer = await send(method, url, headers, payload);
      expect(answer.status).toBe(status);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(answer.body).toMatchObject({ type: `/problems/${code}`, code, status, instance: url });
      expect(answer.body.title).not.toBe('');
      expect(answer.body.traceId).toMatch(/^[0-9a-f]{32}$/);
    },
  );

  it('has the details of a rejection as members, none in the place of a standard one', async () => {
    const { body } = await get('/parcels/fails/rejected');
    expect(body).toMatchObject({ most: 3, status: 409 });
  });

  it('says where the stream stood, and where to look instead', async () => {
    const { headers } = await get('/parcels/fails/rejected');
    expect(headers['consistency-token']).toBe(encodeToken(STORE_ID, positionOf(42)));
    expect(headers['location']).toBe('/shelves/2');
  });

  it('says when to try again', async () => {
    expect((await get('/parcels/fails/throttled')).headers['retry-after']).toBe('7');
    for (const away of ['unavailable', 'slow', 'unread', 'keyless'])
      expect((await get(`/parcels/fails/${away}`)).headers['retry-after']).toBe('1');
  });

  it('says which methods a URL has', async () => {
    expect((await send('DELETE', '/parcels')).headers['allow']).toBe('GET, HEAD, POST');
    expect((await send('OPTIONS', '/problems/x')).headers['allow']).toBe('GET, HEAD');
  });

  it('challenges for a token, and says whether it was the one that was sent (RFC 6750)', async () => {
    expect((await get('/parcels/me')).headers['www-authenticate']).toBe('Bearer');
    const refused = await get('/parcels/me', { authorization: 'Bearer eve' });
    expect(refused.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  });

  it('says that an unknown outcome may be sent again with the same key', async () => {
    expect((await get('/parcels/fails/unknown')).body.title).toMatch(/same Idempotency-Key is safe/);
  });

  it('names the trace that the client began, in the answer and in the log, which alone has the stack', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { text, body } = await get('/parcels/fails/defect?token=hidden', { traceparent });
    expect(body.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(text).not.toMatch(/password|TypeError| at /);
    const logged = heard.lines.find((line) => line.includes(body.traceId));
    expect(logged).toMatch(/^error GET \/parcels\/fails\/defect .*TypeError: secret.* at /s);
    expect(logged).not.toContain('hidden');
  });
});

describe('validation', () => {
  const errorsOf = async (body: object | string) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    return answer.body.errors as { pointer: string; detail: string }[];
  };
  const pointers = async (body: object) => (await errorsOf(body)).map(({ pointer }) => pointer).sort();

  it('accepts what the class describes, normalised', async () => {
    const line = { variantId: '0198C0DE-0000-7000-8000-000000000001', quantity: 10_000 };
    const { status, body } = await post({ ...parcel, label: ' Books ', worth: 0, currency: 'EUR', lines: [line] });
    expect(status).toBe(201);
    const lines = [{ ...line, variantId: line.variantId.toLowerCase() }];
    expect(body.body).toEqual({ ...parcel, label: 'Books', worth: 0, currency: 'EUR', lines });
  });

  it('points at each place that is wrong (RFC 6901), also inside lists', async () => {
    const lines = [parcel.lines[0], { variantId: 'x', quantity: 0 }];
    const wrong = { label: 'B', worth: 1.5, currency: 'eur', to: { city: 7 }, lines };
    expect(await pointers(wrong)).toEqual([
      '/currency',
      '/label',
      '/lines/1/quantity',
      '/lines/1/variantId',
      '/to/city',
      '/worth',
    ]);
  });

  it('names what is missing', async () => {
    expect(await pointers({})).toEqual(['/label', '/lines', '/to']);
    expect((await post('')).body.errors).toHaveLength(3);
  });

  it('refuses members that it does not know, at any depth', async () => {
    expect(await pointers({ ...parcel, price: 1, 'a/b~c': 1 })).toEqual(['/a~1b~0c', '/price']);
    expect(await pointers({ ...parcel, to: { city: 'Ulm', role: 'admin' } })).toEqual(['/to/role']);
  });

  it('refuses names that every object has, instead of passing over them', async () => {
    const { status, body } = await post('{"label":"Books","to":{"city":"Ulm","toString":1}}');
    expect([status, body.code, body.errors[0].pointer]).toEqual([400, 'json-invalid', '/to/toString']);
    const query = await get('/parcels?hasOwnProperty=1');
    expect([query.status, query.body.errors[0].parameter]).toEqual([400, 'hasOwnProperty']);
  });

  it('looks at no more than it needs of what it does not know', async () => {
    const members = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, n]));
    expect(await errorsOf(members(101))).toEqual([{ pointer: '', detail: expect.stringContaining('members') }]);
    const lines = Array(3).fill(members(90));
    expect(await errorsOf({ ...parcel, lines })).toHaveLength(100);
    // The list is too long: nobody looks at its items.
    expect(await pointers({ ...parcel, lines: Array(9).fill(members(90)) })).toEqual(['/lines']);
  });

  it('counts characters as JSON Schema does, whatever they consist of', async () => {
    const most = 20;
    for (const [character, count] of [
      ['a', most],
      ['\u{1f600}', most],
      ['\u2764\ufe0f', most / 2],
      // As it is stored: composed where there is a letter for it.
      ['e\u0301', most],
      ['x\u0301', most / 2],
    ] as const) {
      expect((await post({ ...parcel, label: character.repeat(count) })).status).toBe(201);
      expect(await pointers({ ...parcel, label: character.repeat(count + 1) })).toEqual(['/label']);
    }
  });

  it('never repeats a value: it may be a secret', async () => {
    const { text } = await post({ ...parcel, label: 'hunter2'.repeat(9), to: 'hunter2', extra: 'hunter2' });
    expect(text).not.toContain('hunter2');
    expect((await post('{"label":"hunter2"')).text).not.toContain('hunter2');
    expect((await post('{"label":hunter2}')).text).not.toContain('hunter2');
  });

  it.each([
    ['a list where one object is expected', { ...parcel, to: [{ city: 'Ulm' }] }, '/to'],
    ['null where an object is expected', { ...parcel, to: null }, '/to'],
    ['an object where a list is expected', { ...parcel, lines: { 0: parcel.lines[0] } }, '/lines'],
    ['lists inside a list', { ...parcel, lines: [parcel.lines] }, '/lines'],
    ['numbers inside a list of objects', { ...parcel, lines: [1] }, '/lines'],
    ['too many items', { ...parcel, lines: Array(4).fill(parcel.lines[0]) }, '/lines'],
    ['too few items', { ...parcel, lines: [] }, '/lines'],
    ['null for what may be left out', { ...parcel, worth: null }, '/worth'],
    ['a number as text', { ...parcel, worth: '1' }, '/worth'],
    ['a negative amount', { ...parcel, worth: -1 }, '/worth'],
    ['a fraction', { ...parcel, worth: 0.5 }, '/worth'],
    ['an object where text is expected', { ...parcel, label: { length: 5 } }, '/label'],
    ['control characters', { ...parcel, label: 'a\u001b[31m' }, '/label'],
    ['only white space', { ...parcel, label: '    ' }, '/label'],
  ])('refuses %s', async (_, body, pointer) => {
    expect(await pointers(body)).toEqual([pointer]);
  });

  it.each(['[]', 'null', '1', '"text"', 'true'])('refuses %s as a body', async (body) => {
    const url = '/parcels/0198c0de-0000-7000-8000-000000000001';
    const answer = await send('PATCH', url, { ...ann, ...json, 'if-match': '"1.a"' }, body);
    expect(answer.body).toMatchObject({ code: 'validation-failed', errors: [{ pointer: '' }] });
  });

  it('takes no body for an empty object', async () => {
    const url = '/parcels/0198c0de-0000-7000-8000-000000000001';
    for (const type of [{}, json])
      expect((await send('PATCH', url, { ...ann, ...type, 'if-match': '"1.a"' })).body.body).toEqual({});
  });

  it('reads query parameters only as they are documented', async () => {
    const errors = async (query: string) => (await get(`/parcels?${query}`)).body.errors;
    expect(await errors('limit=20&heavy=false&brand=a&brand=b')).toBeUndefined();
    for (const limit of ['', '0', '101', '1e1', '2.0', 'ten', '0x10'])
      expect(await errors(`limit=${limit}`)).toEqual([{ parameter: 'limit', detail: expect.any(String) }]);
    expect(await errors('heavy=yes')).toEqual([expect.objectContaining({ parameter: 'heavy' })]);
    expect(await errors('brand=a&brand=b&brand=c')).toEqual([expect.objectContaining({ parameter: 'brand' })]);
    expect(await errors('cursor=a&cursor=b')).toEqual([expect.objectContaining({ parameter: 'cursor' })]);
    expect(await errors('limit[$gt]=1')).toEqual([expect.objectContaining({ parameter: 'limit[$gt]' })]);
    expect(await errors('__proto__=1')).toEqual([expect.objectContaining({ parameter: '__proto__' })]);
    expect((await get('/parcels/text?name=a&name=b')).body.errors).toEqual([
      expect.objectContaining({ parameter: 'name' }),
    ]);
    expect((await get('/parcels?brand=a')).body.brand).toEqual(['a']);
  });
});

describe('commands', () => {
  const contextOf = async (headers: Headers, body: object = parcel) => (await post(body, headers)).body.context;

  it('carry who asks, when, and why', async () => {
    const context = await contextOf({});
    expect(context).toMatchObject({ actor: { kind: 'account', id: ANN.id }, occurredAt: NOW });
    expect(context).toMatchObject({ correlationId: context.commandId, causationId: context.commandId });
    expect(await contextOf({})).not.toMatchObject({ commandId: context.commandId });
  });

  it('carry the correlation id and the trace of the client where those are valid', async () => {
    const valid = {
      'x-correlation-id': '0198C0DE-0000-7000-8000-0000000000ff',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
    };
    const correlationId = valid['x-correlation-id'].toLowerCase();
    expect(await contextOf(valid)).toMatchObject({ correlationId, traceparent: valid.traceparent });
    const invalid = { 'x-correlation-id': 'ann@example.com', traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-00` };
    const context = await contextOf(invalid);
    expect(context.correlationId).toBe(context.commandId);
    expect(context).not.toHaveProperty('traceparent');
  });

  it('have the same id when they are sent again with the same key, bare or quoted', async () => {
    const first = await contextOf({ 'idempotency-key': 'k-1' });
    expect(await contextOf({ 'idempotency-key': '"k-1"' })).toEqual(first);
    expect(await contextOf({ 'idempotency-key': 'k-2' })).not.toMatchObject({ commandId: first.commandId });
  });

  it('have another id for the same key of somebody else, or at another route', async () => {
    const key = { 'idempotency-key': 'k-3' };
    const { commandId } = await contextOf(key);
    expect((await contextOf({ ...key, ...gus })).commandId).not.toBe(commandId);
    expect((await send('POST', '/parcels/repeat', { ...ann, ...key })).body.context.commandId).not.toBe(commandId);
  });

  it('tell another body from another spelling of the same one', async () => {
    const key = { 'idempotency-key': 'k-4' };
    const first = await contextOf(key);
    const { label, to, lines } = parcel;
    const respelt = JSON.stringify({ lines, to, label }, null, 2);
    expect((await post(respelt, key)).body.context).toEqual(first);
    const other = await contextOf(key, { ...parcel, label: 'Boots' });
    expect(other.commandId).toBe(first.commandId);
    expect(other.payloadHash).not.toBe(first.payloadHash);
  });

  it('of strangers never share an id unless they ask for the very same', async () => {
    const commandIdOf = async (payload: object) =>
      (await send('POST', '/parcels/repeat', { 'idempotency-key': 'mine' }, payload)).body.context.commandId;
    expect(await commandIdOf({ a: 1 })).toBe(await commandIdOf({ a: 1 }));
    expect(await commandIdOf({ a: 1 })).not.toBe(await commandIdOf({ a: 2 }));
  });

  it.each(['', ' ', '""', 'a b', '"a', 'a"b', '"a\\b"', 'ü', 'x'.repeat(256), `"${'x'.repeat(256)}"`, 'a, b'])(
    'refuse the Idempotency-Key %j',
    async (key) => {
      expect((await post(parcel, { 'idempotency-key': key })).body.code).toBe('idempotency-key-invalid');
    },
  );

  it.each(['a', '"a b"', '"a\\"b"', 'x'.repeat(255), '8e03978e-40d5-43dd-bc93-6894a57f9324'])(
    'take the Idempotency-Key %j',
    async (key) => {
      expect((await post(parcel, { 'idempotency-key': key })).status).toBe(201);
    },
  );

  it('answer with ETag, Location and Consistency-Token', async () => {
    const { status, headers } = await post(parcel);
    expect(status).toBe(201);
    expect(headers['etag']).toMatch(/^"7\.[\w-]{16}"$/);
    expect(headers).toMatchObject({
      location: '/parcels/1',
      'consistency-token': encodeToken(STORE_ID, positionOf(42)),
    });
    expect(headers).not.toHaveProperty('idempotent-replayed');
  });

  it('say that they had been done before', async () => {
    const { status, headers } = await send('POST', '/parcels/repeat');
    expect(status).toBe(200);
    expect(headers['idempotent-replayed']).toBe('true');
  });

  it('of a stream that does not exist have neither ETag nor token', async () => {
    const { status, headers } = await change({ 'if-match': '"7.abc"' });
    expect(status).toBe(200);
    expect(headers).not.toHaveProperty('etag');
    expect(headers).not.toHaveProperty('consistency-token');
  });

  const change = (headers: Headers) =>
    send('PATCH', '/parcels/0198C0DE-0000-7000-8000-000000000001', { ...ann, ...json, ...headers }, { note: 'x' });

  it('take the revision from If-Match, and ids in lower case', async () => {
    const { body } = await change({ 'if-match': '"12.Jx0RZ4yGmVwTnB2q"' });
    expect(body).toEqual({ id: '0198c0de-0000-7000-8000-000000000001', body: { note: 'x' }, ifMatch: 12 });
  });

  it('insist on If-Match where the route does', async () => {
    expect(await change({})).toMatchObject({ status: 428, body: { code: 'precondition-required' } });
  });

  it.each(['*', 'W/"7.abc"', '7.abc', '"7"', '"x.abc"', '"1.a", "2.b"', '""'])('refuse If-Match: %s', async (etag) => {
    const { status, body } = await change({ 'if-match': etag });
    expect([status, body.code]).toEqual([400, 'if-match-invalid']);
    expect(body.detail).toBeTruthy();
  });
});

describe('queries', () => {
  const url = '/parcels/0198c0de-0000-7000-8000-000000000001';

  it('answer 304 without a body to who has the same already', async () => {
    const { headers, status, body } = await get(url);
    expect([status, body]).toEqual([200, { id: '0198c0de-0000-7000-8000-000000000001' }]);
    const etag = headers['etag'] as string;
    for (const same of [etag, `W/${etag}`, `"1.x", ${etag}`, '*']) {
      const again = await get(url, { 'if-none-match': same });
      expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', etag]);
    }
    expect((await get(url, { 'if-none-match': '"7.other"' })).status).toBe(200);
  });

  it('of one revision that look different have different ETags', async () => {
    const other = await get('/parcels/0198c0de-0000-7000-8000-000000000002');
    expect(other.headers['etag']).not.toBe((await get(url)).headers['etag']);
  });

  it('answer HEAD like GET, without the body', async () => {
    const { status, headers, text } = await send('HEAD', url);
    expect([status, text, headers['etag']]).toEqual([200, '', (await get(url)).headers['etag']]);
  });

  it('take a consistency token from the header or the URL', async () => {
    const token = encodeToken(STORE_ID, positionOf(9));
    const lenient = { prefer: 'handling=lenient' };
    expect((await get('/parcels/waits')).body).toEqual({ position: null, waitMs: 2_000, lenient: false });
    expect((await get('/parcels/waits', { ...lenient, 'consistency-token': token })).body.position).toEqual(
      positionOf(9),
    );
    expect((await get(`/parcels/waits?consistency=${token}`, lenient)).body.position).toEqual(positionOf(9));
    expect((await get(`/parcels?consistency=${token}&limit=1`)).status).toBe(200);
  });

  it('say how far the read model has come, instead of answering stale', async () => {
    const { status, body, headers } = await get('/parcels/waits', {
      'consistency-token': encodeToken(STORE_ID, positionOf(9)),
    });
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'projection-behind', '1']);
    expect(body).toMatchObject({
      projection: 'parcels',
      wanted: expect.stringMatching(/9$/),
      at: expect.stringMatching(/3$/),
    });
  });

  it('answer stale to who prefers that, and say so', async () => {
    const headers = { 'consistency-token': encodeToken(STORE_ID, positionOf(9)), prefer: 'handling=lenient' };
    const answer = await get('/parcels/waits', headers);
    expect(answer.status).toBe(200);
    expect(answer.headers['projection-position']).toMatch(/3$/);
    expect(answer.headers['preference-applied']).toBe('handling=lenient');
  });

  it.each([
    ['of another store', encodeToken('another-store', positionOf(1))],
    ['that is no base64url of JSON', 'x'],
    [
      'of another version',
      Buffer.from(JSON.stringify({ v: 2, storeId: STORE_ID, ...positionOf(1) })).toString('base64url'),
    ],
    [
      'without padding',
      Buffer.from(JSON.stringify({ v: 1, storeId: STORE_ID, commit: '1', prepare: '1' })).toString('base64url'),
    ],
    ['that is null', Buffer.from('null').toString('base64url')],
  ])('refuse a consistency token %s', async (_, token) => {
    const { status, body } = await get('/parcels/waits', { 'consistency-token': token });
    expect([status, body.code]).toEqual([400, 'consistency-token-invalid']);
  });

  it.each([
    ['wait=5', { waitMs: 5_000, lenient: false }],
    ['wait="3"', { waitMs: 3_000, lenient: false }],
    ['Wait = 3 , Handling=Lenient', { waitMs: 3_000, lenient: true }],
    ['wait=600', { waitMs: 10_000, lenient: false }],
    ['wait=0', { waitMs: 0, lenient: false }],
    ['wait=1, wait=2', { waitMs: 1_000, lenient: false }],
    ['respond-async, wait=2; foo=bar', { waitMs: 2_000, lenient: false }],
    ['wait=-1', { waitMs: null, lenient: false }],
    ['wait=soon, handling=strict', { waitMs: null, lenient: false }],
    ['', { waitMs: null, lenient: false }],
  ])('understand Prefer: %s (RFC 7240)', async (prefer, expected) => {
    expect((await get('/parcels/prefer', { prefer })).body).toEqual(expected);
  });

  it('are for their reader alone when that is known', async () => {
    expect((await get('/parcels/me', gus)).body).toEqual(GUS);
    expect((await get('/parcels/me', gus)).headers['cache-control']).toBe('no-store');
    expect((await get('/parcels/prefer')).headers['cache-control']).toBe('no-cache');
  });
});

describe('lists', () => {
  beforeAll(() => {
    ParcelController.documents = Array.from({ length: 5 }, (_, i) => ({
      _id: `p${i}`,
      rank: i >> 1,
      heavy: i % 2 === 0,
    }));
  });

  const ids = (body: { items: { _id: string }[] }) => body.items.map(({ _id }) => _id);
  const links = (header: unknown): Record<string, string> =>
    Object.fromEntries([...String(header).matchAll(/<([^>]*)>; rel="(\w+)"/g)].map(([, url, rel]) => [rel, url]));

  it('are walked by their Link headers (RFC 8288), forwards and back', async () => {
    const first = await get('/parcels?limit=2&brand=a%20b');
    expect(ids(first.body)).toEqual(['p4', 'p2']);
    expect(links(first.headers['link'])).toEqual({
      next: expect.stringMatching(/^\/parcels\?limit=2&brand=a\+b&cursor=/),
    });
    const second = await get(links(first.headers['link'])['next']!);
    expect(ids(second.body)).toEqual(['p3', 'p0']);
    const third = await get(links(second.headers['link'])['next']!);
    expect(ids(third.body)).toEqual(['p1']);
    expect(third.body.next).toBeNull();
    const back = await get(links(third.headers['link'])['prev']!);
    expect(ids(back.body)).toEqual(['p3', 'p0']);
    expect(ids((await get(links(back.headers['link'])['prev']!)).body)).toEqual(['p4', 'p2']);
  });

  it('refuse a cursor that was changed, or that belongs to another query', async () => {
    const { next } = (await get('/parcels?limit=2')).body as { next: string };
    const [text = '', mac] = next.split('.');
    const content = JSON.parse(Buffer.from(text, 'base64url').toString());
    const forged = (change: object) => Buffer.from(JSON.stringify({ ...content, ...change })).toString('base64url');
    const foreign = [
      `/parcels?cursor=${next}&heavy=true`,
      `/parcels?cursor=${forged({ values: [{ $gt: 0 }, ''] })}.${mac}`,
      `/parcels?cursor=${forged({ storeId: 'other' })}.${mac}`,
      `/parcels?cursor=${forged({ version: 1 })}.${mac}`,
      `/parcels?cursor=${text}`,
      '/parcels?cursor=x',
    ];
    for (const url of foreign) {
      const { status, body } = await get(url);
      expect([url, status, body.code]).toEqual([url, 400, 'cursor-invalid']);
    }
    expect((await get(`/parcels?cursor=${next}&limit=1`)).status).toBe(200);
  });
});
