import { applyDecorators, SetMetadata, type INestApplication, type Type } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { routeHandlersOf, type Handler } from './route-handlers';

/** Who may call a route. */
export type Access =
  | { readonly kind: 'public' }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'roles'; readonly roles: readonly string[] };

const ACCESS = 'access';
/** Where the policy is kept in the OpenAPI document while it is built. */
export const ACCESS_EXTENSION = 'x-access';

const access = (policy: Access) => applyDecorators(SetMetadata(ACCESS, policy), ApiExtension(ACCESS_EXTENSION, policy));

/** Anyone may call it, without a token. */
export const Public = () => access({ kind: 'public' });

/** Everyone with a valid token may call it, guests too. */
export const Authenticated = () => access({ kind: 'authenticated' });

/** Only those with one of the roles may call it. */
export const Roles = (...roles: [string, ...string[]]) => access({ kind: 'roles', roles });

/** The policy of a route: that of its method, else that of its controller; null: nobody stated one, so it is refused. */
export const accessOf = (handler: Handler, controller: Type): Access | null =>
  (Reflect.getMetadata(ACCESS, handler) as Access | undefined) ??
  (Reflect.getMetadata(ACCESS, controller) as Access | undefined) ??
  null;

/** Denies by default already at the start. @throws Error that names every route without a policy */
export function assertEveryRouteHasAPolicy(app: INestApplication): void {
  const without = routeHandlersOf(app).filter(({ handler, controller }) => !accessOf(handler, controller));
  if (without.length === 0) return;
  const names = without.map(({ name }) => name).join(', ');
  throw new Error(`State @Public(), @Authenticated() or @Roles(...) on: ${names}.`);
}
