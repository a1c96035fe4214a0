import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandBus } from '@nestjs/cqrs';
import { MAX_GUESTS, type Account } from '#src/accounts/account';
import { AddGuestAlias, Emails } from '#src/accounts/accounts.commands';
import { FirstAdmin } from '#src/accounts/first-admin';
import { loadConfig } from '#src/config';
import type { Claims, ClaimScope } from '#src/kernel/claims';
import { newId } from '#src/kernel/ids';
import { normaliseEmail } from '#src/kernel/normalise';
import { systemContext } from '#src/kernel/system-context';
import { openShop } from '#src/app/open-shop';
import { requestsTo, startShop, type Answer, type RunningShop } from '../support/shop-app';
import { addToCart, checkOut, stocked, type Ware } from '../support/shopping';
import { tempFolder } from '../support/temp-folder';

let shop: RunningShop;
let mug: Ware;
beforeAll(async () => {
  shop = await startShop();
  mug = await stocked(shop, { name: 'Mug', amountMinor: 1_200 });
});
afterAll(() => shop.stop());

const PASSWORD = 'correct horse battery staple';
const someone = () => ({ email: `${newId()}@example.com`, password: PASSWORD });
type Someone = ReturnType<typeof someone>;

const register = (body: object, more: { token?: string; headers?: Record<string, string> } = {}) =>
  shop.request('POST', '/api/auth/register', { body, ...more });
const logIn = (body: object, more: { token?: string } = {}) =>
  shop.request('POST', '/api/auth/login', { body, ...more });
const me = (token: string) => shop.request('GET', '/api/auth/me', { token });
const cartOf = (token: string) => shop.request('GET', '/api/cart', { token });
const asAdmin = (method: string, path: string, body?: object) =>
  shop.request(method, `/api/admin/accounts${path}`, { token: shop.tokens.admin, ...(body && { body }) });

const outcome = ({ status, body }: Answer) => [status, body.code];

const registered = async (who: Someone = someone()) => {
  const { body } = await register(who);
  return { who, accountId: body.account.accountId as string, token: body.accessToken as string };
};

describe('POST /api/auth/register', () => {
  it('makes an account and logs it in', async () => {
    const who = { ...someone(), name: 'Ann Example' };
    const { status, body, headers } = await register(who);
    expect(status).toBe(201);
    expect(body).toMatchObject({ tokenType: 'Bearer', expiresInSeconds: 3_600 });
    expect(body.account).toMatchObject({
      email: who.email,
      name: 'Ann Example',
      roles: ['customer'],
      status: 'active',
    });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('consistency-token')).toBeTruthy();
    expect((await me(body.accessToken)).body.account).toEqual(body.account);
  });

  it('makes one account of an e-mail, however it is spelled and however many ask at once', async () => {
    const email = `${newId()}@example.com`;
    const spellings = [email, email, email.toUpperCase(), email.replace('example', 'EXAMPLE')];
    const answers = await Promise.all(spellings.map((spelling) => register({ email: spelling, password: PASSWORD })));
    const others = answers.filter(({ status }) => status !== 201);
    expect(others.map(outcome)).toEqual(Array(3).fill([409, 'email-taken']));
    expect(outcome(await register({ email, password: PASSWORD }))).toEqual([409, 'email-taken']);
  });

  it('makes one account of both spellings of a domain, and logs in with either', async () => {
    const name = newId();
    const who = { email: `${name}@münchen.example`, password: PASSWORD };
    const { body } = await register(who);
    const ascii = { ...who, email: `${name}@xn--mnchen-3ya.example` };
    expect(outcome(await register(ascii))).toEqual([409, 'email-taken']);
    const loggedIn = await logIn(ascii);
    expect(loggedIn.body.account).toEqual(body.account);
    expect((await asAdmin('GET', `?email=${ascii.email}`)).body.items).toEqual([body.account]);
  });

  it('logs in whom the first release registered by the other spelling, as long as the account is there', async () => {
    const email = `${newId()}@xn--mnchen-3ya.example`;
    const emails = shop.shop.app.get(Emails, { strict: false });
    const { scope, claims } = emails as unknown as { scope: ClaimScope<Account>; claims: Claims };
    const name = normaliseEmail(email);
    jest.spyOn(emails, 'claimIdOf').mockReturnValueOnce(claims.claimIdOf(scope, name));
    jest.spyOn(emails, 'claimIdOf').mockReturnValueOnce(claims.claimIdOf(scope, name));
    const claim = jest.spyOn(emails, 'claim').mockImplementation((c, _, id) => claims.claim(c, id, [{ scope, name }]));
    const { body } = await register({ email, password: PASSWORD });
    expect(claim).toHaveBeenCalledTimes(1);
    jest.restoreAllMocks();
    expect(await emails.ownerOf(email)).toBe(body.account.accountId);
    for (const spelling of [email, email.replace('xn--mnchen-3ya', 'münchen')]) {
      expect((await logIn({ email: spelling, password: PASSWORD })).body.account).toEqual(body.account);
      expect(outcome(await register({ email: spelling, password: PASSWORD }))).toEqual([409, 'email-taken']);
    }
  });

  it.each([
    ['letters of two scripts that look alike', '\u0430dmin@chronocart.local'],
    ['a space of no width', 'a\u200bda@example.org'],
    ['a letter that turns the others', '\u202eada@example.org'],
    ['a domain that is none', 'ada@xn--a.org'],
  ])('refuses an e-mail with %s', async (_, email) => {
    const answer = await register({ email, password: PASSWORD });
    expect(outcome(answer)).toEqual([400, 'validation-failed']);
    expect(answer.body.errors).toEqual([{ pointer: '/email', detail: expect.any(String) }]);
  });

  it('takes an e-mail with blanks around it, as log-in does', async () => {
    const who = someone();
    expect((await register({ ...who, email: ` ${who.email}\u00a0` })).body.account.email).toBe(who.email);
    expect((await logIn({ ...who, email: `\t${who.email} ` })).status).toBe(200);
  });

  it('takes a password in whatever form a keyboard types its accents', async () => {
    const who = { ...someone(), password: 're\u0301sume\u0301 und so' };
    expect((await register(who)).status).toBe(201);
    expect((await logIn({ ...who, password: 'r\u00e9sum\u00e9 und so' })).status).toBe(200);
  });

  it.each([
    ['eight characters that are four', 'e\u0301'.repeat(4)],
    ['what no keyboard types', '\u0000'.repeat(8)],
  ])('refuses a password of %s', async (_, password) => {
    const answer = await register({ ...someone(), password });
    expect(answer.body.errors).toEqual([{ pointer: '/password', detail: expect.any(String) }]);
  });

  it('spells a name in one way, and refuses one that nobody sees', async () => {
    const named = await register({ ...someone(), name: ' Rene\u0301e\u00a0 Example\u200b' });
    expect(named.body.account.name).toBe('Renée Example');
    for (const name of ['\u200b', 'a\nb', 'a\u202eb', 'a\u009bb'])
      expect(outcome(await register({ ...someone(), name }))).toEqual([400, 'validation-failed']);
  });

  it('answers a repeat after a lost reply with the same account', async () => {
    const who = someone();
    const headers = { 'idempotency-key': newId() };
    const first = await register(who, { headers });
    const again = await register(who, { headers });
    expect(again.status).toBe(201);
    expect(again.body.account).toEqual(first.body.account);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it('gives no way in by a repeat that knows only the password of then', async () => {
    const who = someone();
    const headers = { 'idempotency-key': newId() };
    const { body } = await register(who, { headers });
    const change = { current: PASSWORD, next: 'another horse battery staple' };
    await shop.request('POST', '/api/auth/password', { token: body.accessToken, body: change });
    const again = await register(who, { headers });
    expect(outcome(await me(again.body.accessToken))).toEqual([401, 'token-revoked']);
  });

  it('does not answer a stranger with what another one did under the same Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'one' };
    const [ann, bob] = [await register(someone(), { headers }), await register(someone(), { headers })];
    expect([ann.status, bob.status]).toEqual([201, 201]);
    expect(ann.body.account.accountId).not.toBe(bob.body.account.accountId);
  });

  it.each([
    ['no e-mail', { email: undefined }, '/email'],
    ['an e-mail that is none', { email: 'ann' }, '/email'],
    ['an operator as e-mail', { email: { $ne: null } }, '/email/$ne'],
    ['a short password', { password: 'horse' }, '/password'],
    ['a password without end', { password: 'x'.repeat(257) }, '/password'],
    ['a password that is a number', { password: 12_345_678 }, '/password'],
    ['no name where one is stated', { name: '' }, '/name'],
    ['a role of its own', { roles: ['admin'] }, '/roles'],
    ['an id of its own', { accountId: newId() }, '/accountId'],
  ])('refuses %s, says where, and does not repeat it', async (_, wrong, pointer) => {
    const { status, body } = await register({ ...someone(), ...wrong });
    expect(status).toBe(400);
    expect(body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect(JSON.stringify(body)).not.toContain(PASSWORD);
  });

  it('refuses a password that everyone tries first, and leaves the e-mail free', async () => {
    const who = someone();
    expect(outcome(await register({ ...who, password: 'Password123' }))).toEqual([422, 'password-too-common']);
    expect((await register(who)).status).toBe(201);
  });
});

describe('POST /api/auth/login', () => {
  it('logs in, whatever the case of the e-mail', async () => {
    const { who, accountId } = await registered();
    const { status, body, headers } = await logIn({ ...who, email: who.email.toUpperCase() });
    expect(status).toBe(200);
    expect(body.account).toMatchObject({ accountId, email: who.email });
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await me(body.accessToken)).status).toBe(200);
  });

  it('tells a wrong password and an unknown e-mail apart in nothing', async () => {
    const { who } = await registered();
    const wrong = await logIn({ ...who, password: 'wrong horse battery staple' });
    const unknown = await logIn(someone());
    expect(outcome(wrong)).toEqual([401, 'wrong-credentials']);
    const comparable = ({ body, headers }: Answer) => ({
      body: { ...body, traceId: '' },
      headers: [...headers.keys()].sort(),
    });
    expect(comparable(wrong)).toEqual(comparable(unknown));
  });

  it('makes who guesses wait, for a known and an unknown e-mail alike, and says how long', async () => {
    for (const { email } of [(await registered()).who, someone()]) {
      const guess = () => logIn({ email, password: 'wrong horse battery staple' });
      const answers = [];
      do answers.push(await guess());
      while (answers.at(-1)!.status === 401 && answers.length < 30);
      const last = answers.pop()!;
      expect(answers.map(outcome)).toEqual(Array(answers.length).fill([401, 'wrong-credentials']));
      expect(answers.length).toBeGreaterThan(10);
      expect(outcome(last)).toEqual([429, 'too-many-attempts']);
      expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('refuses a disabled account, which only who knows the password is told', async () => {
    const { who, accountId } = await registered();
    await asAdmin('POST', `/${accountId}/disable`);
    expect(outcome(await logIn(who))).toEqual([403, 'account-disabled']);
    expect(outcome(await logIn({ ...who, password: 'wrong horse' }))).toEqual([401, 'wrong-credentials']);
    await asAdmin('POST', `/${accountId}/enable`);
    expect((await logIn(who)).status).toBe(200);
  });
});

describe('a guest who logs in', () => {
  const guestWith = async (quantity: number) => {
    const token = await shop.tokens.guest();
    await addToCart(shop, token, mug, quantity);
    return token;
  };

  it.each([
    ['in the body', (guestToken: string) => ({ body: { guestToken }, token: undefined })],
    ['as the bearer', (token: string) => ({ body: {}, token })],
  ])('finds the cart in the account when the token comes %s', async (_, how) => {
    const { who, token: customer } = await registered();
    await addToCart(shop, customer, mug, 1);
    const guest = await guestWith(2);
    const { body, token } = how(guest);
    const answer = await logIn({ ...who, ...body }, token === undefined ? {} : { token });
    expect([answer.status, answer.body.guestCart]).toEqual([200, 'merged']);
    const cart = await cartOf(answer.body.accessToken);
    expect(cart.body.lines).toEqual([expect.objectContaining({ ...mug, quantity: 3 })]);
    expect(outcome(await cartOf(guest))).toEqual([409, 'guest-token-used']);
    expect(outcome(await addToCart(shop, guest, mug))).toEqual([409, 'guest-token-used']);
    expect(outcome(await shop.request('GET', '/api/orders/history', { token: guest }))).toEqual([
      409,
      'guest-token-used',
    ]);
  });

  it('may as well register', async () => {
    const guest = await guestWith(2);
    const { status, body } = await register(someone(), { token: guest });
    expect([status, body.guestCart]).toEqual([201, 'merged']);
    expect((await cartOf(body.accessToken)).body.lines).toEqual([expect.objectContaining({ ...mug, quantity: 2 })]);
  });

  it('is told at once when there was nothing in the cart', async () => {
    const { who } = await registered();
    const guest = await shop.tokens.guest();
    const { status, body } = await logIn({ ...who, guestToken: guest });
    expect([status, body.guestCart]).toEqual([200, 'merged']);
    expect(outcome(await addToCart(shop, guest, mug))).toEqual([409, 'guest-token-used']);
  });

  it('finds the orders that the guest made', async () => {
    const guest = await guestWith(1);
    const order = await checkOut(shop, guest);
    const { body, headers } = await register(someone(), { token: guest });
    const token = body.accessToken as string;
    const history = await shop.request('GET', '/api/orders/history', {
      token,
      headers: { 'consistency-token': headers.get('consistency-token')! },
    });
    expect(history.body.items.map(({ orderId }: { orderId: string }) => orderId)).toEqual([order.body.orderId]);
    expect((await shop.request('GET', `/api/orders/${order.body.orderId}`, { token })).status).toBe(200);
  });

  it('is answered alike when the same log-in comes again', async () => {
    const who = someone();
    const guest = await guestWith(2);
    const headers = { 'idempotency-key': newId() };
    const first = await register(who, { token: guest, headers });
    const again = await register(who, { token: guest, headers });
    expect([again.status, again.body.account]).toEqual([201, first.body.account]);
    await logIn({ ...who, guestToken: guest });
    expect((await cartOf(again.body.accessToken)).body.lines).toEqual([expect.objectContaining({ quantity: 2 })]);
  });

  it('becomes one account only', async () => {
    const guest = await guestWith(1);
    const { who: ann } = await registered();
    const { who: bob } = await registered();
    await logIn({ ...ann, guestToken: guest });
    expect(outcome(await logIn({ ...bob, guestToken: guest }))).toEqual([409, 'guest-token-used']);
    const merelyBearing = await logIn(bob, { token: guest });
    expect([merelyBearing.status, merelyBearing.body.guestCart]).toEqual([200, undefined]);
    expect((await cartOf(merelyBearing.body.accessToken)).body.lines).toEqual([]);
  });

  it('becomes no account that a thousand guests have become; who merely bears its token logs in without it', async () => {
    const { who, accountId } = await registered();
    const commands = shop.shop.app.get(CommandBus, { strict: false });
    const guests = Array.from({ length: MAX_GUESTS }, newId).map((guestId) => {
      const context = systemContext(shop.shop.servers, { issuer: 'test', asksFor: guestId });
      return commands.execute(new AddGuestAlias(context, { accountId, guestId }));
    });
    await Promise.all(guests);
    const guest = await guestWith(1);
    expect(outcome(await logIn({ ...who, guestToken: guest }))).toEqual([409, 'too-many-guests']);
    const merelyBearing = await logIn(who, { token: guest });
    expect([merelyBearing.status, merelyBearing.body.guestCart]).toEqual([200, undefined]);
    expect((await cartOf(guest)).body.lines).toHaveLength(1);
  });

  it.each([
    ['none', () => 'a.b.c'],
    ['that of an account', () => shop.tokens.seller],
  ])('needs a guest token that is good: not %s', async (_, guestToken) => {
    const { who } = await registered();
    expect(outcome(await logIn({ ...who, guestToken: guestToken() }))).toEqual([400, 'guest-token-invalid']);
  });
});

describe('GET /api/auth/me', () => {
  it('says who a guest is', async () => {
    const { body: guest } = await shop.request('POST', '/api/auth/guest');
    expect(guest).toMatchObject({ tokenType: 'Bearer', expiresInSeconds: 90 * 24 * 60 * 60 });
    expect((await me(guest.accessToken)).body).toEqual({ kind: 'guest', id: guest.guestId, account: null });
  });
});

describe('tokens of an account are void', () => {
  const change = (token: string, current: string, next: string) =>
    shop.request('POST', '/api/auth/password', { token, body: { current, next } });

  it('after a log-out, all of them', async () => {
    const { who, token } = await registered();
    const other = (await logIn(who)).body.accessToken as string;
    expect((await shop.request('POST', '/api/auth/logout', { token })).status).toBe(204);
    for (const each of [token, other]) expect(outcome(await me(each))).toEqual([401, 'token-revoked']);
    expect((await logIn(who)).status).toBe(200);
  });

  it('after another password, but for the one that is given with it', async () => {
    const { who, token } = await registered();
    const { status, body } = await change(token, PASSWORD, 'another horse battery staple');
    expect(status).toBe(200);
    expect(outcome(await me(token))).toEqual([401, 'token-revoked']);
    expect((await me(body.accessToken)).status).toBe(200);
    expect(outcome(await logIn(who))).toEqual([401, 'wrong-credentials']);
    expect((await logIn({ ...who, password: 'another horse battery staple' })).status).toBe(200);
  });

  it('not after a change of password that was refused', async () => {
    const { token } = await registered();
    expect(outcome(await change(token, 'wrong horse', 'another horse battery staple'))).toEqual([
      403,
      'wrong-password',
    ]);
    expect(outcome(await change(token, PASSWORD, 'password1234'))).toEqual([422, 'password-too-common']);
    expect((await change(token, PASSWORD, 'short')).status).toBe(400);
    expect((await me(token)).status).toBe(200);
  });

  it('after another role, after which the next log-in has it', async () => {
    const { who, accountId, token } = await registered();
    await asAdmin('POST', `/${accountId}/roles`, { role: 'support' });
    expect(outcome(await me(token))).toEqual([401, 'token-revoked']);
    expect((await logIn(who)).body.account.roles).toEqual(['customer', 'support']);
  });

  it('after the account was disabled, and stay so when it is enabled', async () => {
    const { accountId, token } = await registered();
    await asAdmin('POST', `/${accountId}/disable`);
    expect(outcome(await me(token))).toEqual([401, 'token-revoked']);
    await asAdmin('POST', `/${accountId}/enable`);
    expect(outcome(await me(token))).toEqual([401, 'token-revoked']);
  });
});

describe('/api/admin/accounts', () => {
  it('finds an account by its e-mail and by its id', async () => {
    const { who, accountId } = await registered();
    const found = await asAdmin('GET', `?email=${encodeURIComponent(who.email.toUpperCase())}`);
    expect(found.body.items).toEqual([expect.objectContaining({ accountId, email: who.email })]);
    expect((await asAdmin('GET', `/${accountId}`)).body).toEqual(found.body.items[0]);
    expect((await asAdmin('GET', `?email=${newId()}@example.com`)).body.items).toEqual([]);
    expect(outcome(await asAdmin('GET', `/${newId()}`))).toEqual([404, 'account-not-found']);
    expect((await asAdmin('GET', '')).status).toBe(400);
  });

  it('finds an account by an e-mail with a plus that was sent as it is', async () => {
    const who = { ...someone(), email: `ada+${newId()}+x@example.org` };
    const { accountId } = await registered(who);
    const found = await asAdmin('GET', `?email=${who.email}`);
    expect(found.body.items).toEqual([expect.objectContaining({ accountId, email: who.email })]);
  });

  it('grants and revokes roles; twice is as well, and a stale If-Match is refused', async () => {
    const { accountId } = await registered();
    const granted = await asAdmin('POST', `/${accountId}/roles`, { role: 'courier' });
    expect(granted.body.roles).toEqual(['customer', 'courier']);
    expect((await asAdmin('POST', `/${accountId}/roles`, { role: 'courier' })).body).toEqual(granted.body);
    for (let n = 0; n < 2; n++)
      expect((await asAdmin('DELETE', `/${accountId}/roles/courier`)).body.roles).toEqual(['customer']);
    const stale = await shop.request('POST', `/api/admin/accounts/${accountId}/roles`, {
      token: shop.tokens.admin,
      body: { role: 'courier' },
      headers: { 'if-match': granted.headers.get('etag')! },
    });
    expect(outcome(stale)).toEqual([412, 'precondition-failed']);
    expect(stale.body.eventsSince).toEqual([expect.objectContaining({ type: 'RoleRevoked' })]);
  });

  it.each([['customer'], ['king'], [['admin']], [undefined]])('does not grant %p', async (role) => {
    const { accountId } = await registered();
    const { status, body } = await asAdmin('POST', `/${accountId}/roles`, { role });
    expect([status, body.errors[0].pointer]).toEqual([400, '/role']);
  });

  it('keeps an admin from giving the own rights up', async () => {
    const { account } = (await me(shop.tokens.admin)).body;
    for (const [method, path] of [
      ['DELETE', 'roles/admin'],
      ['POST', 'disable'],
    ] as const)
      expect(outcome(await asAdmin(method, `/${account.accountId}/${path}`))).toEqual([409, 'own-admin-rights']);
  });

  it('is for admins alone', async () => {
    const { accountId, token } = await registered();
    for (const each of [token, shop.tokens.seller, await shop.tokens.guest()]) {
      const answer = await shop.request('GET', `/api/admin/accounts/${accountId}`, { token: each });
      expect(outcome(answer)).toEqual([403, 'role-missing']);
      expect(answer.body.oneOf).toEqual(['admin']);
    }
  });
});

describe('the guard', () => {
  it('asks for a token, and says how it is sent', async () => {
    const answer = await shop.request('GET', '/api/auth/me');
    expect(outcome(answer)).toEqual([401, 'token-missing']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it.each([
    ['a token that is none', 'Bearer a.b.c', 'token-invalid'],
    ['another scheme', 'Basic YW5uOnNlY3JldA==', 'token-invalid'],
    ['a scheme alone', 'Bearer', 'token-invalid'],
    ['two tokens', 'Bearer a.b.c d.e.f', 'token-invalid'],
  ])('refuses %s', async (_, authorization, code) => {
    const answer = await shop.request('GET', '/api/auth/me', { headers: { authorization } });
    expect(outcome(answer)).toEqual([401, code]);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('takes no token from the URL', async () => {
    const answer = await shop.request('GET', `/api/auth/me?access_token=${shop.tokens.admin}`);
    expect(outcome(answer)).toEqual([401, 'token-missing']);
  });

  it('passes over a bad token where none is needed', async () => {
    const answer = await shop.request('POST', '/api/auth/guest', { token: 'a.b.c' });
    expect(answer.status).toBe(201);
  });

  it('keeps guests from what only accounts have', async () => {
    const token = await shop.tokens.guest();
    expect(outcome(await shop.request('POST', '/api/auth/logout', { token }))).toEqual([403, 'role-missing']);
  });
});

describe('the first admin', () => {
  const folder = tempFolder();
  const config = loadConfig({ DATA_DIR: folder, LOG_LEVEL: 'error' }, ['--no-demo']);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is made once, however many starts ask for it, and can be given another password', async () => {
    const opened = await openShop(config);
    const admin = opened.app.get(FirstAdmin, { strict: false });
    const made = await Promise.all([admin.ensure(), admin.ensure(), admin.ensure()]);
    expect(made.filter((credentials) => credentials !== null)).toEqual([
      { email: 'admin@chronocart.local', password: expect.stringMatching(/^[\w-]{24}$/) },
    ]);
    await opened.stop();

    const again = await startShop(folder);
    const first = made.find((credentials) => credentials !== null)!;
    const ensured = again.shop.app.get(FirstAdmin, { strict: false });
    expect(await ensured.ensure({ email: 'other@chronocart.local', password: 'not used any more' })).toBeNull();
    const tried = await again.request('POST', '/api/auth/login', { body: first });
    // startShop had to ask for another password, because the first one is told once.
    expect(outcome(tried)).toEqual([401, 'wrong-credentials']);
    expect((await again.request('GET', '/api/auth/me', { token: again.tokens.admin })).body.account.roles).toEqual([
      'customer',
      'admin',
    ]);
    await again.stop();
  });
});

describe('the first admin whose password is given', () => {
  it('logs in with it, and it is told to nobody', async () => {
    const folder = tempFolder();
    const opened = await openShop(loadConfig({ DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'error' }, ['--no-demo']));
    await opened.open();
    const request = requestsTo(await opened.app.getUrl());
    const admin = opened.app.get(FirstAdmin, { strict: false });
    const given = { email: 'root@shop.example', password: 'correct horse battery' };
    expect(await admin.ensure(given)).toBeNull();
    const { status, body } = await request('POST', '/api/auth/login', { body: given });
    expect([status, body.account.roles]).toEqual([200, ['customer', 'admin']]);
    const next = { ...given, password: 'another horse battery' };
    expect(await admin.reset(next)).toBeNull();
    expect((await request('POST', '/api/auth/login', { body: next })).status).toBe(200);
    expect(await admin.reset()).toMatchObject({ email: given.email });
    await opened.stop();
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('what is stored', () => {
  it('has no e-mail, no name and no password in it', async () => {
    const own = await startShop();
    const secrets = {
      email: `Ada.${newId()}@Lovelace.example`,
      name: `Ada Zuckmayer ${newId()}`,
      password: `${newId()} is secret`,
      next: `${newId()} is more secret`,
    };
    const { email, name, password, next } = secrets;
    const { body } = await own.request('POST', '/api/auth/register', { body: { email, name, password } });
    const token = body.accessToken as string;
    const { accountId } = body.account;
    await own.request('POST', '/api/auth/login', { body: { email, password: next } });
    await own.request('POST', '/api/auth/password', { token, body: { current: password, next } });
    await own.request('GET', `/api/admin/accounts?email=${encodeURIComponent(email)}`, { token: own.tokens.admin });
    await own.request('POST', `/api/admin/accounts/${accountId}/roles`, {
      token: own.tokens.admin,
      body: { role: 'support' },
      headers: { 'idempotency-key': newId() },
    });
    await own.stop({ keepFolder: true });

    const files = readdirSync(own.folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    const stored = files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'));
    expect(files.map((file) => file.name)).toEqual(expect.arrayContaining(['events.db', 'keys.db', 'read-models.db']));
    expect(stored.some((bytes) => bytes.includes(accountId))).toBe(true);
    for (const secret of Object.values(secrets))
      for (const form of [secret, secret.toLowerCase(), secret.toUpperCase()])
        for (const encoding of ['utf8', 'utf16le', 'base64', 'hex'] as const) {
          const needle =
            encoding === 'base64' || encoding === 'hex'
              ? Buffer.from(form).toString(encoding).replace(/=+$/, '')
              : Buffer.from(form, encoding).toString('latin1');
          stored.forEach((bytes, n) =>
            expect([files[n]!.name, bytes.includes(needle)]).toEqual([files[n]!.name, false]),
          );
        }
    rmSync(own.folder, { recursive: true, force: true });
  });
});
