import { ExtractJwt, Strategy, type VerifiedCallback } from 'passport-jwt';
import type { TokenKey } from '../kernel/secrets';

export const ALGORITHM = 'ES256';
/** Access tokens are told from other JWTs by it (RFC 9068, 2.1; RFC 8725, 3.11). */
export const TOKEN_TYPE = 'at+jwt';
export const AUDIENCE = 'chronocart-api';

/** What a token says. Times are seconds since 1970. */
export type Claims = {
  /** Id of the account or the guest. */
  readonly sub: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
} & (
  | { readonly kind: 'account'; readonly roles: readonly string[]; /** The session version. */ readonly sv: number }
  | { readonly kind: 'guest' }
);

/**
 * Passport's strategy for the bearer tokens of this shop: ES256 and nothing else, the issuer and the audience, and a header that
 * has the type, the name of a key of ours, and no member more (no `jku`, `jwk`, `x5u` or `crit`; RFC 8725). It leaves the time to
 * `Tokens`, which compares it at every use of a token and not only when it is verified.
 */
export class JwtStrategy extends Strategy {
  constructor({ kid, publicKey }: Pick<TokenKey, 'kid' | 'publicKey'>, issuer: string) {
    super(
      {
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
        secretOrKeyProvider: (_request, token: string, done) =>
          // jsonwebtoken takes a KeyObject, which the types of passport-jwt do not know; null is its "no key".
          done(null, (isOurs(token, kid) ? publicKey : null) as unknown as Buffer),
        algorithms: [ALGORITHM],
        issuer,
        audience: AUDIENCE,
        ignoreExpiration: true,
      },
      (payload: Record<string, unknown>, done: VerifiedCallback) => done(null, areClaims(payload) ? payload : false),
    );
  }
}

function isOurs(token: string, kid: string): boolean {
  try {
    const [head = ''] = token.split('.');
    const header = JSON.parse(Buffer.from(head, 'base64url').toString('utf8')) as Record<string, unknown>;
    const { alg, typ, kid: stated, ...more } = header;
    return alg === ALGORITHM && typ === TOKEN_TYPE && stated === kid && Object.keys(more).length === 0;
  } catch {
    return false; // not JSON: no token of ours
  }
}

function areClaims(payload: Record<string, unknown>): boolean {
  const { sub, jti, iat, exp, kind, roles, sv } = payload;
  if (typeof sub !== 'string' || typeof jti !== 'string' || !Number.isInteger(iat) || !Number.isInteger(exp))
    return false;
  return kind === 'guest' || (kind === 'account' && Array.isArray(roles) && Number.isInteger(sv));
}
