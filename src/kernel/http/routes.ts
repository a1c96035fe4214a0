import type { FastifyRequest } from 'fastify';
import type { Rejected } from '../rejection';
import { problem } from './problem';
import { pathOf } from './services';

/** Every route of the server: tells a URL that is unknown from one that does not support a method. */
export class Routes {
  private readonly methods = new Map<string, Set<string>>();

  add(methods: string | readonly string[], template: string): void {
    const known = this.methods.get(template) ?? new Set();
    for (const method of [methods].flat()) known.add(method);
    this.methods.set(template, known);
  }

  /** What to answer to a request that no route matched: 405 with the methods that the URL has, else 404. */
  problemOf(request: FastifyRequest): Rejected {
    const path = pathOf(request).split('/');
    const allow = new Set<string>();
    for (const [template, methods] of this.methods)
      if (matches(template.split('/'), path)) for (const method of methods) allow.add(method);
    return allow.size > 0 ? problem('method-not-allowed', { allow: [...allow].sort() }) : problem('route-not-found');
  }
}

/** `:name` stands for one part of a path, `*` for all that follow. */
function matches(template: readonly string[], path: readonly string[]): boolean {
  const star = template.indexOf('*');
  if (star < 0 ? template.length !== path.length : path.length <= star) return false;
  const parts = star < 0 ? template : template.slice(0, star);
  return parts.every((part, i) => (part.includes(':') ? path[i] !== '' : part === path[i]));
}
