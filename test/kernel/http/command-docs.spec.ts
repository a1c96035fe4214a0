import { Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { CommandContext } from '#src/kernel/commands';
import { Public } from '#src/kernel/http/access';
import { Context } from '#src/kernel/http/command-context';
import { CommandDocs, QueryDocs } from '#src/kernel/http/docs.decorators';
import { documentOf } from '#src/kernel/http/openapi';

/** Builds the reference of one route, which takes its context as `param` says and is documented as `docs` say. */
async function reference(param: ParameterDecorator, docs?: MethodDecorator) {
  class Documented {
    order(context: CommandContext): object {
      return context;
    }
  }
  const route = Object.getOwnPropertyDescriptor(Documented.prototype, 'order')!;
  param(Documented.prototype, 'order', 0);
  for (const decorate of [Post(), Public(), ...(docs ? [docs] : [])])
    (decorate as MethodDecorator)(Documented.prototype, 'order', route);
  Controller('carts')(Documented);
  class Shop {}
  Module({ controllers: [Documented] })(Shop);
  const app = await NestFactory.create(Shop, new FastifyAdapter(), { logger: false });
  try {
    return documentOf(app, { title: 'T', description: '', version: '1' }, 'http://localhost').paths['/carts']!.post!;
  } finally {
    await app.close();
  }
}

const UNSTATED = /Documented_order takes a CommandContext: state @CommandDocs\(\) as its @Context\(\) is/;

describe('a route that takes a CommandContext', () => {
  it('says that it can be repeated by its key, and how it is refused', async () => {
    const { parameters, responses } = await reference(Context(), CommandDocs());
    expect(parameters).toEqual([{ $ref: '#/components/parameters/IdempotencyKey' }]);
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '412', '503']));
  });

  it.each([
    ['nothing', Context(), undefined],
    ['that it is a query', Context(), QueryDocs()],
    ['nothing of If-Match, on which it insists', Context({ ifMatch: 'required' }), CommandDocs()],
    ['If-Match optional, on which it insists', Context({ ifMatch: 'required' }), CommandDocs({ ifMatch: 'optional' })],
  ])('is refused where it says %s', async (_, param, docs) => {
    await expect(reference(param, docs)).rejects.toThrow(UNSTATED);
  });

  it('may insist on If-Match and say so', async () => {
    const { responses } = await reference(Context({ ifMatch: 'required' }), CommandDocs({ ifMatch: 'required' }));
    expect(responses).toHaveProperty('428');
  });
});
