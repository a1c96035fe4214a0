import type { RunningServer } from './java';

export default async function teardown(): Promise<void> {
  const { chronocartServers = [] } = globalThis as { chronocartServers?: RunningServer[] };
  await Promise.all(chronocartServers.map((server) => server.kill()));
}
