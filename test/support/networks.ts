import type { Answer, RequestOptions, RunningShop } from './shop-app';

type Request = RunningShop['request'];

/** Someone in a network of their own, as a trusted proxy says. */
export const inNetwork =
  (request: Request, address: string): Request =>
  (method, path, options: RequestOptions = {}) =>
    request(method, path, { ...options, headers: { 'x-forwarded-for': address, ...options.headers } });

const HOSTILE = 20;

/** IPv4 and IPv6 addresses, each of a network of its own. */
export const hostileAddresses = Array.from({ length: HOSTILE }, (_, n) =>
  n % 2 === 0 ? `203.0.113.${n}` : `2001:db8:0:${n}::1`,
);

/** So many wrong guesses from each hostile network at once; what each network was answered. */
export async function guessEverywhere(request: Request, email: string, each: number): Promise<Map<string, Answer[]>> {
  const body = { email, password: 'wrong horse battery staple' };
  const answers = await Promise.all(
    hostileAddresses.map(async (address): Promise<[string, Answer[]]> => {
      const guess = inNetwork(request, address);
      return [
        address,
        await Promise.all(Array.from({ length: each }, () => guess('POST', '/api/auth/login', { body }))),
      ];
    }),
  );
  return new Map(answers);
}
