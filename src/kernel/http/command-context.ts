import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { CommandContext } from '../commands';
import type { Actor } from '../events';
import { deriveId, newId } from '../ids';
import { canonicalJson } from './canonical-json';
import { CONTEXT_EXTENSION } from './docs.decorators';
import { ifMatchOf, requireIfMatch } from './etag';
import { headerOf } from './header';
import { idempotencyKeyOf } from './idempotency-key';
import { servicesOf } from './services';
import { traceparentOf } from './trace';
import { uuidOf } from './uuid';

export interface ContextOptions {
  /** `required`: without If-Match the command is refused with 428; else it is compared where it is sent. */
  readonly ifMatch?: 'required';
}

/** Who registers or logs in is nobody yet. */
const ANONYMOUS: Actor = { kind: 'system', id: 'anonymous' };

/**
 * Who asks for what, and under which identity a repeat of it is recognised.
 * @throws Rejected `idempotency-key-invalid`, `if-match-invalid` or `precondition-required`
 */
export function commandContext(request: FastifyRequest, options: ContextOptions = {}): CommandContext {
  const { secrets, clock } = servicesOf(request);
  const { principal } = request;
  const actor: Actor = principal ? { kind: principal.kind, id: principal.id } : ANONYMOUS;
  const payloadHash = secrets.payloadHash(`${request.method} ${request.url}\n${canonicalJson(request.body)}`);
  const commandId = commandIdOf(request, actor, payloadHash);
  const traceparent = traceparentOf(request.headers);
  const ifMatch = options.ifMatch === 'required' ? requireIfMatch(request) : ifMatchOf(request);
  return {
    commandId,
    payloadHash,
    correlationId: uuidOf(headerOf(request, 'x-correlation-id')) ?? commandId,
    causationId: commandId,
    actor,
    occurredAt: clock.now().toISOString(),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  };
}

/**
 * The same for every repeat: from who asks, the method, the route and the key. Strangers share one `anonymous`, so what they
 * ask for is part of their ids: nobody is answered with what another one did under the same key.
 */
function commandIdOf(request: FastifyRequest, actor: Actor, payloadHash: string): string {
  const key = idempotencyKeyOf(request);
  if (key === undefined) return newId();
  const scope = `${request.method}|${request.routeOptions.url ?? ''}`;
  return deriveId(actor.id, actor === ANONYMOUS ? `${scope}|${payloadHash}|${key}` : `${scope}|${key}`);
}

const param = createParamDecorator((options: ContextOptions | undefined, context: ExecutionContext) =>
  commandContext(context.switchToHttp().getRequest<FastifyRequest>(), options),
);

/**
 * A handler's parameter: the `CommandContext` of the request; `@Context({ ifMatch: 'required' })` insists on If-Match. The reference
 * must tell clients of it (`@CommandDocs`), or it is not built.
 */
export const Context =
  (options: ContextOptions = {}): ParameterDecorator =>
  (controller, handler, index) => {
    param(options)(controller, handler, index);
    const noted = ApiExtension(CONTEXT_EXTENSION, options) as MethodDecorator;
    noted(controller, handler!, Object.getOwnPropertyDescriptor(controller, handler!)!);
  };
