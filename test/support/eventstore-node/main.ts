/**
 * An EventStoreDB for tests in a process of its own (`npm run eventstore-node`).
 *
 *     node main.js [--port=2113] [--data=<folder>] [--tls-certificate=<file> --tls-key=<file>]
 *                  [--credentials=<username>:<password>] [--server-version=<version>] [--without-batch-append]
 *                  [--write-timeout=<milliseconds>] [--clock-ahead=<milliseconds>]
 *
 * Prints its connection string and the address of its control port (see control-port.ts). SIGTERM and SIGINT stop it.
 * Exit status 2: wrong arguments.
 */
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { openControlPort } from './control-port';
import { nodeOptionsOf } from './node-arguments';
import { startEventStoreNode } from './start-node';

async function main(): Promise<void> {
  // What it would print besides is in the errors that it throws.
  setLogVerbosity(logVerbosity.NONE);
  const options = optionsOrEnd();
  const node = await startEventStoreNode(options);
  const control = await openControlPort(node.faults);
  const stop = async () => {
    control.close();
    await node.stop();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
  // Last: who reads this may send a signal at once.
  console.log(node.url);
  console.log(`Faults: ${control.url}`);
}

function optionsOrEnd(): ReturnType<typeof nodeOptionsOf> {
  try {
    return nodeOptionsOf(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
