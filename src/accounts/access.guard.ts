import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { accessOf, type Access } from '../kernel/http/access';
import { refusedAccess } from '../kernel/http/access-problems';
import type { Principal } from '../kernel/http/principal';
import { Rejected } from '../kernel/rejection';
import { rolesOf } from './account';
import { Accounts } from './accounts.commands';
import { refuseLinked } from './guest';
import { Guests } from './guests.commands';
import type { Claims } from './jwt.strategy';
import { Tokens } from './tokens';

const BEARER = /^Bearer +([\w~+/.-]+=*) *$/i;

/**
 * Decides who may call a route, and says on the request who calls. A route that states no access is refused. With every request
 * the token's session version is compared with that of the account, at most a second old: what voids tokens (log-out, another
 * password or role, disabling) does so within a second, and at once in the process that did it. When the account can't be read,
 * the request is refused (503).
 *
 * A public route takes a token that stands, so that it may answer its bearer differently, and passes over any other.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly tokens: Tokens,
    private readonly accounts: Accounts,
    private readonly guests: Guests,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = accessOf(context.getHandler() as (...args: never[]) => unknown, context.getClass());
    if (!access) return false;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { authorization } = request.headers;
    if (access.kind === 'public') return authorization === undefined || this.look(request, authorization);
    return this.admit(request, access);
  }

  private async look(request: FastifyRequest, authorization: string): Promise<true> {
    try {
      request.principal = await this.principalOf(bearerOf(authorization), 'public');
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
    }
    return true;
  }

  private async admit(request: FastifyRequest, access: Access): Promise<true> {
    const principal = await this.principalOf(bearerOf(request.headers.authorization), access.kind);
    request.principal = principal;
    if (access.kind === 'roles' && !access.roles.some((role) => principal.roles.includes(role)))
      throw refusedAccess('role-missing', { oneOf: access.roles });
    return true;
  }

  private async principalOf(token: string, access: Access['kind']): Promise<Principal> {
    const claims = this.tokens.known(token) ?? (await this.tokens.claimsOf(token));
    return claims.kind === 'account' ? this.account(claims) : this.guest(claims, access);
  }

  private async account({ sub, sv }: Claims & { kind: 'account' }): Promise<Principal> {
    const { state } = await this.accounts.peek(
      sub,
      (account) => account.status === 'active' && account.sessionVersion === sv,
    );
    if (state.status !== 'active' || state.sessionVersion !== sv) throw refusedAccess('token-revoked');
    return { kind: 'account', id: sub, roles: rolesOf(state), aliases: state.guestIds };
  }

  private async guest({ sub }: Claims, access: Access['kind']): Promise<Principal> {
    if (access !== 'public') refuseLinked((await this.guests.peek(sub)).state);
    return { kind: 'guest', id: sub, roles: [], aliases: [] };
  }
}

function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined) throw refusedAccess('token-missing');
  const [, token] = BEARER.exec(authorization) ?? [];
  if (token === undefined) throw refusedAccess('token-invalid');
  return token;
}
