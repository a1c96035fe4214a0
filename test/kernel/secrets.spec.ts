import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { validate, version } from 'uuid';
import { Secrets } from '#src/kernel/secrets';
import { weaknessOf } from '#src/kernel/secret-strength';

const GOLDEN = 'golden-9fJ2vK7qLw0ZrT5xYb8NcE3hUd6GsA1m';

describe('secrets', () => {
  const secrets = Secrets.from(GOLDEN);
  const others = Secrets.from(`${GOLDEN}.`);

  it('are the same at every start: what is stored depends on them', () => {
    expect(Secrets.from(GOLDEN).masterKey.export().toString('hex')).toBe(
      'a98073ad2aa98714360134df51aa7c5c05f4a91f1fa8daf90bad04857c183938',
    );
    expect(secrets.tokenKey.kid).toBe('OizxI5oqbtIFWDJVsGJYnxd27w5ZirKE-yOdqAmBStM');
    expect(secrets.checkValue).toBe('OTxVRiv4S5srenCNp3fCjg');
    expect(secrets.payloadHash('{"a":1}')).toBe('Zp-eOdtFyX3zXFBAuhAivA');
    expect(secrets.blindIndex('email', 'ann@example.com')).toBe('6dc1d1ca-b733-8778-92e0-0a5e3984b047');
    expect(secrets.hmac('quote', 'text')).toBe('xGG0afnavCwe2VxVWMax086ZleFn_pjctHq_dSekH4o');
  });

  it('are all others under another secret', () => {
    expect(others.masterKey.equals(secrets.masterKey)).toBe(false);
    expect(others.tokenKey.kid).not.toBe(secrets.tokenKey.kid);
    expect(others.checkValue).not.toBe(secrets.checkValue);
    expect(others.payloadHash('a')).not.toBe(secrets.payloadHash('a'));
    expect(others.blindIndex('a', 'b')).not.toBe(secrets.blindIndex('a', 'b'));
    expect(others.hmac('a', 'b')).not.toBe(secrets.hmac('a', 'b'));
  });

  it('come from the secret by HKDF-SHA256 as RFC 5869 writes it', () => {
    const extracted = createHmac('sha256', Buffer.alloc(32)).update(GOLDEN).digest();
    const expanded = createHmac('sha256', extracted).update('chronocart/v1/master-key\x01').digest();
    expect(secrets.masterKey.export()).toEqual(expanded);
  });

  describe('token key', () => {
    it('signs and verifies ES256, and only what it signed', () => {
      const { privateKey, publicKey, kid } = secrets.tokenKey;
      const token = jwt.sign({ sub: 'ann' }, privateKey, { algorithm: 'ES256', keyid: kid });
      expect(jwt.verify(token, publicKey, { algorithms: ['ES256'] })).toMatchObject({ sub: 'ann' });
      expect(() => jwt.verify(token, others.tokenKey.publicKey, { algorithms: ['ES256'] })).toThrow();
    });

    it('is named by its thumbprint (RFC 7638)', () => {
      const { crv, kty, x, y } = secrets.tokenKey.publicKey.export({ format: 'jwk' });
      const canonical = `{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`;
      expect(secrets.tokenKey.kid).toBe(createHash('sha256').update(canonical).digest('base64url'));
    });

    it('is a valid key whatever the secret is (property)', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'binary' }), (secret) => {
          const { privateKey, publicKey } = Secrets.from(secret).tokenKey;
          expect(privateKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
          const token = jwt.sign({ sub: 'ann' }, privateKey, { algorithm: 'ES256' });
          expect(jwt.verify(token, publicKey, { algorithms: ['ES256'] })).toMatchObject({ sub: 'ann' });
        }),
        { numRuns: 40 },
      );
    });
  });

  describe('hashes', () => {
    it('payload hashes have 128 bits', () => {
      expect(secrets.payloadHash('')).toMatch(/^[\w-]{22}$/);
      expect(secrets.payloadHash('a')).not.toBe(secrets.payloadHash('b'));
    });

    it('blind indexes are UUIDs of version 8, one per scope and name (property)', () => {
      const name = fc.string({ maxLength: 4 });
      fc.assert(
        fc.property(name, name, name, name, (scope, text, otherScope, otherText) => {
          const id = secrets.blindIndex(scope, text);
          expect(validate(id) && version(id)).toBe(8);
          const same = scope === otherScope && text === otherText;
          expect(secrets.blindIndex(otherScope, otherText) === id).toBe(same);
        }),
        { examples: [['a', 'bc', 'ab', 'c']] },
      );
    });

    it('of different labels have nothing in common', () => {
      expect(secrets.hmac('a', 'text')).not.toBe(secrets.hmac('b', 'text'));
      expect(secrets.hmac('payload-hash', 'text').startsWith(secrets.payloadHash('text'))).toBe(false);
    });
  });
});

describe('strength of a secret', () => {
  it.each([
    ['short', 'V7x!q2Lz9#Tb4Rm8Wk'],
    ['an example', 'please-change-me-please-change-me-0'],
    ['an example in capitals', 'MY-SUPER-SECRET-THAT-NOBODY-KNOWS-42'],
    ['one letter', 'a'.repeat(64)],
    ['a repetition', 'k3J9xQ7mPz2WvB5nR8tY'.repeat(2)],
    ['a short repetition', 'k3J9xQ7m'.repeat(5)],
    ['a sequence', 'abcdefghijklmnopqrstuvwxyz0123456789'],
    ['a sequence backwards', '9876543210zyxwvutsrqponmlkjihgfedcba'],
    ['few letters', '0110100110010110100101100110100110010110'],
  ])('%s is refused, without being repeated', (_, secret) => {
    expect(weaknessOf(secret)).toEqual(expect.any(String));
    expect(weaknessOf(secret)).not.toContain(secret);
  });

  it('what was drawn at random is accepted, in every notation (property)', () => {
    const bytes = fc.constantFrom(16, 24, 32, 48).map((length) => randomBytes(length));
    fc.assert(
      fc.property(bytes, fc.constantFrom('hex', 'base64', 'base64url'), (drawn, notation) => {
        const secret = drawn.toString(notation as BufferEncoding);
        if (secret.length >= 32) expect(weaknessOf(secret)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it('a long passphrase is accepted', () => {
    expect(weaknessOf('otter lantern quartz bicycle november plum')).toBeNull();
  });
});
