import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SystemStopwatch, type Stopwatch } from '../../clock';
import { QuotaExceeded, type Quota } from '../../quota';
import type { Metrics } from '../../telemetry/metrics';
import { networkOf } from '../network';
import { Limiter, type Standing } from './limiter';
import { READS, rateClassOf, UNLIMITED } from './limited';
import { setRateLimit } from './rate-limit-fields';

export interface LimitOptions {
  /** The quota of each class of requests. */
  readonly classes: Readonly<Record<string, Omit<Quota, 'policy'>>>;
  /** Who asks, where that is known better than by the network, already from the headers; null: it is not. */
  readonly knownBy?: (request: FastifyRequest, rateClass: string) => string | null;
  readonly stopwatch?: Stopwatch;
}

/** So many who are known share a network before they are taken for one: being known is no way to ask without end. */
const KNOWN_IN_A_NETWORK = 10;

/**
 * Limits requests by class: those of a network, before anything else is done for them, and those of a guest or an account, once it is
 * known who asks. Whoever has asked too often is answered 429.
 */
export class RequestLimits implements CanActivate {
  private readonly limiter: Limiter;
  private readonly quotas: ReadonlyMap<string, Quota>;
  private readonly refused = new Map<string, number>();

  constructor(private readonly options: LimitOptions) {
    this.limiter = new Limiter(options.stopwatch ?? new SystemStopwatch());
    this.quotas = new Map(Object.entries(options.classes).map(([policy, quota]) => [policy, { policy, ...quota }]));
  }

  /** Takes effect for every request to the server from now on. */
  install(server: FastifyInstance, metrics: Metrics): void {
    server.decorateRequest('rateLimit', null);
    server.addHook('onRequest', (request, reply, done) => {
      try {
        this.admitNetwork(request, reply);
        done();
      } catch (error) {
        done(error as Error);
      }
    });
    metrics.counter(
      'http_requests_limited_total',
      'Requests that were answered 429, by class and by who asked too often.',
      () =>
        [...this.refused].map(([key, value]) => {
          const [rateClass = '', by = ''] = key.split(' ');
          return { labels: { class: rateClass, by }, value };
        }),
    );
    metrics.gauge(
      'http_limited_subjects',
      'Networks, guests and accounts whose requests are counted, by class.',
      () => this.limiter.size,
    );
  }

  /** The guard comes after those that find out who asks. @throws QuotaExceeded */
  canActivate(context: ExecutionContext): true {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const quota = this.quotaOf(request);
    if (quota && request.principal)
      this.admit(http.getResponse<FastifyReply>(), quota, 'principal', `principal ${request.principal.id}`);
    return true;
  }

  private admitNetwork(request: FastifyRequest, reply: FastifyReply): void {
    const quota = this.quotaOf(request);
    if (!quota) return;
    const network = networkOf(request.ip);
    const known = this.options.knownBy?.(request, quota.policy) ?? null;
    if (known === null) return this.admit(reply, quota, 'network', `network ${network}`);
    this.admit(reply, quota, 'network', known);
    this.admit(reply, { ...quota, most: quota.most * KNOWN_IN_A_NETWORK }, 'network', `known in ${network}`);
  }

  private admit(reply: FastifyReply, quota: Quota, by: 'network' | 'principal', subject: string): void {
    const standing = this.limiter.admit(subject, quota);
    setRateLimit(reply, tighter(reply.request.rateLimit, standing));
    reply.request.rateLimit = standing;
    if (standing.admitted) return;
    const key = `${quota.policy} ${by}`;
    this.refused.set(key, (this.refused.get(key) ?? 0) + 1);
    throw new QuotaExceeded('too-many-requests', quota, standing.moreInMs);
  }

  private quotaOf(request: FastifyRequest): Quota | undefined {
    const { rateClass } = request.routeOptions.config;
    const name = request.is404 ? READS : rateClassOf(rateClass, request.method);
    return name === undefined || name === UNLIMITED ? undefined : this.quotas.get(name);
  }
}

/** Of two that a request was counted by, the one that will be used up first. */
const tighter = (one: Standing | null, other: Standing): Standing =>
  one && one.admitted && other.admitted && one.remaining < other.remaining ? one : other;

declare module 'fastify' {
  interface FastifyRequest {
    /** What is left to who asks; null: nobody counts. */
    rateLimit: Standing | null;
  }
}
