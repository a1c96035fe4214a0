import type { FastifyRequest } from 'fastify';
import { DEVICE_TOKEN, type DeviceTokens } from '../accounts/device-tokens';
import type { Stopwatch } from '../kernel/clock';
import { headerOf } from '../kernel/http/header';
import type { LimitOptions } from '../kernel/http/limits/request-limits';
import { rateClasses, type RateClassName, type RateLimits } from '../words/rate-limits';

/**
 * What the shop limits requests by; null: nothing. Commands are limited where they are decided. A device that has logged in is counted for its account and not with its network,
 * where others may be guessing. `devices`: not there before the application is.
 */
export function limitsOf(
  limits: RateLimits | null,
  stopwatch: Stopwatch,
  devices: () => Pick<DeviceTokens, 'read'>,
): LimitOptions | null {
  if (limits === null) return null;
  const quota = (name: RateClassName) => ({ most: limits[name], windowSeconds: rateClasses[name].windowSeconds });
  const names = (Object.keys(rateClasses) as RateClassName[]).filter((name) => name !== 'commands');
  const classes = Object.fromEntries(names.map((name) => [name, quota(name)]));
  const knownBy = (request: FastifyRequest, rateClass: string): string | null => {
    if (rateClass !== 'log-ins') return null;
    const device = devices().read(headerOf(request, DEVICE_TOKEN));
    return device && `device of ${device.accountId}`;
  };
  return { classes, knownBy, stopwatch };
}
