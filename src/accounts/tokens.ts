import { Injectable } from '@nestjs/common';
import { sign } from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import { hash } from 'node:crypto';
import { Clock } from '../kernel/clock';
import { refusedAccess } from '../kernel/http/access-problems';
import { newId } from '../kernel/ids';
import { Secrets } from '../kernel/secrets';
import { StoreIdentity } from '../kernel/store-identity';
import { rolesOf, type RegisteredAccount } from './account';
import { ALGORITHM, AUDIENCE, JwtStrategy, TOKEN_TYPE, type Claims } from './jwt.strategy';

const ACCOUNT_SECONDS = 60 * 60;
const GUEST_SECONDS = 90 * 24 * 60 * 60;

/** Ours have some 500 characters. */
const MAX_LENGTH = 2_048;
/** Tokens whose claims stay in memory, those used last; about 1 kB each. */
const REMEMBERED = 20_000;

/** As OAuth 2.0 answers it (RFC 6749, 5.1). */
export interface IssuedToken {
  readonly accessToken: string;
  readonly tokenType: 'Bearer';
  readonly expiresInSeconds: number;
}

/**
 * Gives tokens and says what they say. The claims of a verified token are remembered by the token's SHA-256 until it expires:
 * verifying takes 85 µs, looking up two. Whether the session behind it still stands is the guard's to ask.
 */
@Injectable()
export class Tokens {
  private readonly verified = new LRUCache<string, Claims>({ max: REMEMBERED });
  private readonly strategy: JwtStrategy;
  /** Of this store: a backup that is put back is another one, so what was revoked since the backup stays void. */
  private readonly issuer: string;

  constructor(
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    { storeId }: StoreIdentity,
  ) {
    this.issuer = `urn:uuid:${storeId}`;
    this.strategy = new JwtStrategy(secrets.tokenKey, this.issuer);
  }

  forAccount(account: RegisteredAccount): IssuedToken {
    const claims = { kind: 'account', roles: rolesOf(account), sv: account.sessionVersion };
    return this.issue(account.accountId, claims, ACCOUNT_SECONDS);
  }

  forGuest(guestId: string): IssuedToken {
    return this.issue(guestId, { kind: 'guest' }, GUEST_SECONDS);
  }

  /**
   * The claims of a token that was verified before, or null.
   * @throws Rejected `token-expired`
   */
  known(token: string): Claims | null {
    const claims = this.verified.get(hash('sha256', token, 'base64url'));
    return claims ? this.current(claims) : null;
  }

  /** @throws Rejected `token-invalid` or `token-expired` */
  async claimsOf(token: string): Promise<Claims> {
    const known = this.known(token);
    if (known) return known;
    if (token.length > MAX_LENGTH) throw refusedAccess('token-invalid');
    const claims = await this.verify(token);
    this.verified.set(hash('sha256', token, 'base64url'), claims);
    return this.current(claims);
  }

  /** Runs the strategy the way Passport runs one for a request: on an object of its own that inherits from it. */
  private verify(token: string): Promise<Claims> {
    return new Promise((resolve, reject) => {
      const strategy = Object.create(this.strategy) as JwtStrategy;
      strategy.success = (claims: unknown) => resolve(claims as Claims);
      strategy.fail = () => reject(refusedAccess('token-invalid'));
      strategy.error = reject;
      strategy.authenticate({ headers: { authorization: `Bearer ${token}` } } as never);
    });
  }

  private current(claims: Claims): Claims {
    if (claims.exp * 1000 <= this.clock.now().getTime()) throw refusedAccess('token-expired');
    return claims;
  }

  private issue(sub: string, claims: object, expiresInSeconds: number): IssuedToken {
    const iat = Math.floor(this.clock.now().getTime() / 1000);
    const payload = { ...claims, sub, jti: newId(), iat, exp: iat + expiresInSeconds, iss: this.issuer, aud: AUDIENCE };
    const { privateKey, kid } = this.secrets.tokenKey;
    const header = { alg: ALGORITHM, typ: TOKEN_TYPE, kid } as const;
    return {
      accessToken: sign(payload, privateKey, { algorithm: ALGORITHM, header }),
      tokenType: 'Bearer',
      expiresInSeconds,
    };
  }
}
