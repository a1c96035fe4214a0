import { Rejected } from './rejection';

/** So much of something in a time. */
export interface Quota {
  /** Its name, as clients are told it: letters and hyphens. */
  readonly policy: string;
  readonly most: number;
  readonly windowSeconds: number;
}

/**
 * Someone has used up a quota, and has some of it again in `waitMs` milliseconds. `code`: a declared problem type with status 429. It
 * is answered with Retry-After, RateLimit and RateLimit-Policy, and names the policy as the problem type `quota-exceeded` does
 * (draft-ietf-httpapi-ratelimit-headers).
 */
export class QuotaExceeded extends Rejected {
  constructor(
    code: string,
    readonly quota: Quota,
    waitMs: number,
  ) {
    super(code, { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)), 'violated-policies': [quota.policy] });
    this.name = 'QuotaExceeded';
  }
}
