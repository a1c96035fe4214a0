import { RequestMethod, type INestApplication, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';

export type Handler = (...args: never[]) => unknown;

export interface RouteHandler {
  /** As the code calls it: `POST CartController.add`. */
  readonly name: string;
  readonly method: keyof typeof RequestMethod;
  readonly handler: Handler;
  readonly controller: Type;
}

/** Every method of a controller that answers a route. */
export function routeHandlersOf(app: INestApplication): RouteHandler[] {
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()]);
  return controllers.flatMap(({ metatype, instance }) => {
    const prototype = Object.getPrototypeOf(instance) as Record<string, Handler>;
    return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
      const handler = prototype[name];
      if (!handler || Reflect.getMetadata(PATH_METADATA, handler) === undefined) return [];
      const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
      const controller = metatype as Type;
      return {
        name: `${method} ${controller.name}.${name}`,
        method: method as RouteHandler['method'],
        handler,
        controller,
      };
    });
  });
}
