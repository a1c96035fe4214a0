import type { HistoryConfig } from './source';

/** Names of variables by which an operator says whose certificates to trust. */
const TRUST = ['NODE_EXTRA_CA_CERTS', 'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH'];

/**
 * The environment of a process beside the shop that reads the history: where the events are, and nothing else of the shop's own,
 * least of all its secret. A connection string may hold a password: other users of the machine see the arguments of a process, but
 * not its environment.
 */
export function childEnvironment(
  { dataDir, eventStoreUrl }: HistoryConfig,
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const trusted = TRUST.map((name) => [name, env[name]] as const);
  const given = [['DATA_DIR', dataDir], ['EVENTSTORE_URL', eventStoreUrl], ...trusted] as const;
  return Object.fromEntries(given.flatMap(([name, value]) => (value == null ? [] : [[name, value]])));
}
