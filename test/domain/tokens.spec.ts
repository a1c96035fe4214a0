import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { RegisteredAccount } from '#src/accounts/account';
import { Tokens } from '#src/accounts/tokens';
import { Clock } from '#src/kernel/clock';
import { Secrets } from '#src/kernel/secrets';

const NOON = Date.parse('2026-06-01T12:00:00.000Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

class SetClock extends Clock {
  at = NOON;
  override now(): Date {
    return new Date(this.at);
  }
}

const secrets = Secrets.from('the secret of a shop that exists in tests only');
const STORE_ID = '0198c0de-0000-7000-8000-00000000cafe';
const ISSUER = `urn:uuid:${STORE_ID}`;
const sealed = <K extends string>(kind: K) =>
  ({ v: 1, subject: 'ann', purpose: 'profile', kind, iv: '', ct: '' }) as const;

const ann: RegisteredAccount = {
  status: 'active',
  accountId: 'ann',
  email: sealed('Email'),
  emailClaim: 'claim',
  credential: sealed('PasswordHash'),
  name: null,
  grantedRoles: ['seller'],
  sessionVersion: 3,
  guestIds: [],
};

let clock: SetClock;
let tokens: Tokens;
beforeEach(() => {
  clock = new SetClock();
  tokens = new Tokens(secrets, clock, { storeId: STORE_ID, previous: [] });
});

describe('a token', () => {
  it('says which account it is of, its roles and its session', async () => {
    const { accessToken, tokenType, expiresInSeconds } = tokens.forAccount(ann);
    expect({ tokenType, expiresInSeconds }).toEqual({ tokenType: 'Bearer', expiresInSeconds: 3_600 });
    expect(await tokens.claimsOf(accessToken)).toMatchObject({
      kind: 'account',
      sub: 'ann',
      roles: ['customer', 'seller'],
      sv: 3,
      exp: NOON / 1000 + 3_600,
    });
  });

  it('of a guest lasts for 90 days', async () => {
    const { accessToken } = tokens.forGuest('gus');
    expect(await tokens.claimsOf(accessToken)).toMatchObject({ kind: 'guest', sub: 'gus' });
    clock.at += 90 * DAY - 1;
    expect(await tokens.claimsOf(accessToken)).toMatchObject({ sub: 'gus' });
    clock.at += 1;
    await expect(tokens.claimsOf(accessToken)).rejects.toMatchObject({ code: 'token-expired' });
  });

  it('is another one each time', () =>
    expect(tokens.forAccount(ann).accessToken).not.toBe(tokens.forAccount(ann).accessToken));

  it('that was verified is known without being verified again, until it expires', async () => {
    const { accessToken } = tokens.forAccount(ann);
    expect(tokens.known(accessToken)).toBeNull();
    const claims = await tokens.claimsOf(accessToken);
    expect(tokens.known(accessToken)).toBe(claims);
    clock.at += 60 * MINUTE;
    expect(() => tokens.known(accessToken)).toThrow(expect.objectContaining({ code: 'token-expired' }));
  });

  it('is good in every process that has the secret of the shop', async () => {
    const { accessToken } = tokens.forGuest('gus');
    const other = new Tokens(Secrets.from('the secret of a shop that exists in tests only'), clock, {
      storeId: STORE_ID,
      previous: [],
    });
    expect(await other.claimsOf(accessToken)).toMatchObject({ sub: 'gus' });
  });
});

describe('a token that the shop did not give', () => {
  const { privateKey, publicKey, kid } = secrets.tokenKey;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const es256 = (key: KeyObject) => (input: string) =>
    sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');

  const goodHeader = { alg: 'ES256', typ: 'at+jwt', kid };
  const goodClaims = {
    kind: 'account',
    sub: 'ann',
    roles: ['admin'],
    sv: 3,
    jti: 'one',
    iat: NOON / 1000,
    exp: NOON / 1000 + 3_600,
    iss: ISSUER,
    aud: 'chronocart-api',
  };

  /** A JWS in compact form (RFC 7515); what is not stated is as the shop has it. */
  const forged = ({
    header = {},
    claims = {},
    signature = es256(privateKey),
  }: { header?: object; claims?: object; signature?: (input: string) => string } = {}) => {
    const input = `${part({ ...goodHeader, ...header })}.${part({ ...goodClaims, ...claims })}`;
    return `${input}.${signature(input)}`;
  };
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' });
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  it('is what these tests make, unless they change something', async () =>
    expect(await tokens.claimsOf(forged())).toMatchObject({ sub: 'ann', roles: ['admin'] }));

  it.each<[string, () => string]>([
    ['without a signature (alg none)', () => forged({ header: { alg: 'none' }, signature: () => '' })],
    ['without a signature, under ES256', () => forged({ signature: () => '' })],
    [
      'under HS256 with the public key as its secret',
      () =>
        forged({
          header: { alg: 'HS256' },
          signature: (input) => createHmac('sha256', publicPem).update(input).digest('base64url'),
        }),
    ],
    ['of another key', () => forged({ signature: es256(stranger.privateKey) })],
    [
      'of another key, which it brings along',
      () =>
        forged({
          header: { jwk: stranger.publicKey.export({ format: 'jwk' }) },
          signature: es256(stranger.privateKey),
        }),
    ],
    ['that names another key', () => forged({ header: { kid: 'another' } })],
    ['that names no key', () => forged({ header: { kid: undefined } })],
    ['of another type', () => forged({ header: { typ: 'JWT' } })],
    ['of no type', () => forged({ header: { typ: undefined } })],
    ['with a place to fetch keys from', () => forged({ header: { jku: 'https://example.org/keys' } })],
    ['with a critical extension', () => forged({ header: { crit: ['exp'] } })],
    ['of another issuer', () => forged({ claims: { iss: 'urn:uuid:0198c0de-0000-7000-8000-00000000beef' } })],
    ['of no issuer', () => forged({ claims: { iss: undefined } })],
    ['for another audience', () => forged({ claims: { aud: 'another-api' } })],
    ['for no audience', () => forged({ claims: { aud: undefined } })],
    ['that never expires', () => forged({ claims: { exp: undefined } })],
    ['of another kind', () => forged({ claims: { kind: 'system' } })],
    ['without a session', () => forged({ claims: { sv: undefined } })],
    [
      'with other claims under its signature',
      () => {
        const [header, , signature] = forged().split('.');
        return `${header}.${part({ ...goodClaims, sub: 'bob' })}.${signature}`;
      },
    ],
    ['with a longer signature', () => `${forged()}AAAA`],
    ['that is far too long', () => forged({ claims: { filler: 'x'.repeat(4_000) } })],
    ['that is no JWT', () => 'not-a-token'],
    ['that has empty parts', () => '..'],
  ])('%s is refused', async (_, make) => {
    const token = make();
    await expect(tokens.claimsOf(token)).rejects.toMatchObject({ code: 'token-invalid' });
    expect(tokens.known(token)).toBeNull();
  });

  it('but has expired is told so', async () =>
    await expect(tokens.claimsOf(forged({ claims: { exp: NOON / 1000 - 1 } }))).rejects.toMatchObject({
      code: 'token-expired',
    }));

  it('since the store was put back from a backup is refused, so that what was revoked since stays void', async () => {
    const restored = new Tokens(secrets, clock, {
      storeId: '0198c0de-0000-7000-8000-00000000beef',
      previous: [STORE_ID],
    });
    await expect(restored.claimsOf(tokens.forAccount(ann).accessToken)).rejects.toMatchObject({
      code: 'token-invalid',
    });
  });
});
