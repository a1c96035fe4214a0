import { startRealServers } from './real-servers';

/** Before the suites of `test/real`: starts the servers that they share. Returned to be stopped by `teardown.ts`. */
export default async function setup(): Promise<void> {
  (globalThis as { chronocartServers?: unknown }).chronocartServers = await startRealServers();
}
