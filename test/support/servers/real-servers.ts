import { ServerNotAvailable, type RunningServer } from './java';
import { KAFKA_4_VERSION, KAFKA_VERSION, startKafka } from './kafka-server';
import { startMongoWireServer } from './mongo-wire-server';

/** The servers that suites share. Each is started once per run, unless a variable names one that runs already. */
const servers = {
  kafka: { given: 'KAFKA_TEST_BROKERS', start: () => startKafka(KAFKA_VERSION) },
  kafka4: { given: 'KAFKA_4_TEST_BROKERS', start: () => startKafka(KAFKA_4_VERSION) },
  mongodb: { given: 'MONGODB_TEST_URL', start: () => startMongoWireServer() },
} as const;
export type ServerName = keyof typeof servers;

const ADDRESS = (name: ServerName): string => `CHRONOCART_TEST_${name.toUpperCase()}`;
const REASON = (name: ServerName): string => `${ADDRESS(name)}_MISSING`;

/** Starts what can be had, and leaves in the environment where it is, or why it is not there. */
export async function startRealServers(): Promise<RunningServer[]> {
  const running: RunningServer[] = [];
  await Promise.all(
    (Object.keys(servers) as ServerName[]).map(async (name) => {
      const { given, start } = servers[name];
      try {
        process.env[ADDRESS(name)] = process.env[given] || (await start().then((s) => (running.push(s), s.address)));
      } catch (error) {
        if (!(error instanceof ServerNotAvailable)) throw error;
        process.env[REASON(name)] = error.message;
        process.stdout.write(`SKIPPED: ${error.message}\n`);
      }
    }),
  );
  return running;
}

/** A suite of tests that need these servers. Where one can't be had, they are skipped, and the name of the suite says why. */
export function describeOn(names: readonly ServerName[], suite: string, tests: () => void): void {
  const missing = names.map((name) => process.env[REASON(name)]).filter(Boolean);
  if (missing.length > 0) describe.skip(`${suite} (${missing.join(' ')})`, tests);
  else describe(suite, tests);
}

/** Where the server is, inside `describeOn`: `host:port` of a broker, a connection string of MongoDB. */
export function addressOf(name: ServerName): string {
  const address = process.env[ADDRESS(name)];
  if (!address) throw new Error(`${name} was not started: run npm run test:real.`);
  return address;
}

/** Whether it is a stand-in that we started, and not a server of its kind that somebody named. */
export const isStandIn = (name: ServerName): boolean => name === 'mongodb' && !process.env[servers[name].given];
