import { applyDecorators, RequestMethod, SetMetadata, type INestApplication, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';

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

type Handler = (...args: never[]) => unknown;

/** The policy of a route: that of its method, else that of its controller; null: nobody stated one, so it is refused. */
export const accessOf = (handler: Handler, controller: Type): Access | null =>
  (Reflect.getMetadata(ACCESS, handler) as Access | undefined) ??
  (Reflect.getMetadata(ACCESS, controller) as Access | undefined) ??
  null;

/** Denies by default already at the start. @throws Error that names every route without a policy */
export function assertEveryRouteHasAPolicy(app: INestApplication): void {
  const without: string[] = [];
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype, instance } of module.controllers.values()) {
      const prototype = Object.getPrototypeOf(instance) as Record<string, Handler>;
      for (const name of new MetadataScanner().getAllMethodNames(prototype)) {
        const handler = prototype[name];
        if (!handler || Reflect.getMetadata(PATH_METADATA, handler) === undefined) continue;
        if (accessOf(handler, metatype as Type)) continue;
        const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
        without.push(`${method} ${(metatype as Type).name}.${name}`);
      }
    }
  }
  if (without.length > 0)
    throw new Error(`State @Public(), @Authenticated() or @Roles(...) on: ${without.join(', ')}.`);
}
