import { join } from 'node:path';
import { inRoot } from '../root';
import { freePort, jars, startJava, type RunningServer } from './java';

const ARTIFACTS = ['de.bwaldvogel:mongo-java-server:1.47.0', 'org.slf4j:slf4j-simple:2.0.16'];

/**
 * An independent implementation of MongoDB's wire protocol, in memory, on a free port (or on `port`, as after a loss of all its
 * data). Its `address` is a connection string. It has no sessions, transactions, change streams or collation.
 * @throws ServerNotAvailable
 */
export async function startMongoWireServer(port?: number): Promise<RunningServer> {
  const lib = await jars('The MongoDB wire server', ARTIFACTS);
  const at = port ?? (await freePort());
  const args = [
    '-Xmx1g',
    '-cp',
    join(lib, '*'),
    inRoot('test', 'support', 'servers', 'MongoWireServer.java'),
    String(at),
  ];
  const address = `mongodb://127.0.0.1:${at}`;
  return startJava('The MongoDB wire server', args, { cwd: lib, ready: /^listening$/, address });
}
