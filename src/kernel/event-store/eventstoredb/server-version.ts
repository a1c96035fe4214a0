/** The first version that tells a subscription when it has caught up. */
const LEAST = [23, 10] as const;

/**
 * Looks at what the server says of itself.
 * @returns a sentence to warn with, when it can't be told whether the server can do what is needed; else null
 * @throws Error with one sentence when it can't
 */
export function assertServerVersion(version: string, address: string): string | null {
  const [major, minor] = /^v?(\d+)\.(\d+)(?:[.\-+]|$)/.exec(version)?.slice(1).map(Number) ?? [];
  if (version === 'unknown') throw tooOld('does not say which version it is, as versions before 21.10 do', address);
  if (major === undefined || minor === undefined)
    return `The event store at ${address} says that it is version ${JSON.stringify(version)}, which Chronocart does not know; it needs what EventStoreDB ${LEAST.join('.')} can do.`;
  if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1])) throw tooOld(`is version ${version}`, address);
  return null;
}

const tooOld = (is: string, address: string): Error =>
  new Error(`The event store at ${address} ${is}; Chronocart needs EventStoreDB ${LEAST.join('.')} or newer.`);
