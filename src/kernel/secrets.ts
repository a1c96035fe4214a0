import {
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { lengthPrefixed } from './length-prefixed';

/** The ES256 key that tokens are signed with, and its name. */
export interface TokenKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** JWK thumbprint (RFC 7638, SHA-256, base64url): the same key has the same name everywhere. */
  readonly kid: string;
}

/**
 * Everything that the shop's one secret yields, each key from it by HKDF-SHA256 (RFC 5869) with an `info` of its own, so that
 * none tells anything of another. What is stored depends on the infos and formats below: they never change.
 */
export class Secrets {
  /** AES-256: wraps the keys of personal data. */
  readonly masterKey: KeyObject;
  readonly tokenKey: TokenKey;
  /** 22 characters that tell whether two secrets are the same, and nothing else about them: stored in the clear. */
  readonly checkValue: string;
  private readonly macKeys = new Map<string, KeyObject>();

  private constructor(private readonly secret: KeyObject) {
    this.masterKey = createSecretKey(this.derive('master-key', 32));
    this.tokenKey = tokenKeyFrom(this.derive('token-key', 48));
    this.checkValue = this.derive('check-value', 16).toString('base64url');
  }

  /** `shopSecret` as text, at least 128 bits of chance; takes about a millisecond, once per start. */
  static from(shopSecret: string): Secrets {
    return new Secrets(createSecretKey(Buffer.from(shopSecret, 'utf8')));
  }

  /** What a command asked for, as 22 characters that only this shop can make (HMAC-SHA256, 128 bits, base64url). */
  payloadHash(text: string): string {
    return this.mac('payload-hash', text).subarray(0, 16).toString('base64url');
  }

  /**
   * A UUID (version 8, RFC 9562) that stands for a name within a scope, and from which nobody without the secret can guess
   * the name. Its key never rotates: claims and look-ups are found by it for ever. `normalisedName`: see normalise.ts.
   */
  blindIndex(scope: string, normalisedName: string): string {
    const bytes = this.mac('blind-index', lengthPrefixed(scope, normalisedName)).subarray(0, 16);
    bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x80;
    bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  /**
   * HMAC-SHA256 as 43 characters of base64url, under a key of the label's own. A label is a constant of the code, one per
   * use (`quote`, `guest-token`): hashes of different labels say nothing about each other.
   */
  hmac(label: string, text: string): string {
    return this.mac(`hmac/${label}`, text).toString('base64url');
  }

  private mac(info: string, data: string | Buffer): Buffer {
    let key = this.macKeys.get(info);
    if (!key) this.macKeys.set(info, (key = createSecretKey(this.derive(info, 32))));
    return createHmac('sha256', key).update(data).digest();
  }

  private derive(info: string, bytes: number): Buffer {
    return Buffer.from(hkdfSync('sha256', this.secret, '', `chronocart/v1/${info}`, bytes));
  }
}

/** Order of the group of P-256 (FIPS 186-5, SP 800-186). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * A P-256 key pair from 48 random bytes: (bytes mod (n - 1)) + 1, as FIPS 186-5 A.2.1 makes keys from extra random bits, so
 * that every key is as likely as any other.
 */
function tokenKeyFrom(random: Buffer): TokenKey {
  const scalar = (BigInt(`0x${random.toString('hex')}`) % (P256_ORDER - 1n)) + 1n;
  const d = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(d);
  const point = curve.getPublicKey(); // 0x04, x, y
  const jwk = {
    crv: 'P-256',
    kty: 'EC',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  const privateKey = createPrivateKey({ key: { ...jwk, d: d.toString('base64url') }, format: 'jwk' });
  // RFC 7638: the required members, in this order, without white space.
  const kid = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');
  return { privateKey, publicKey: createPublicKey(privateKey), kid };
}
