import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { inRoot } from '../root';

const run = promisify(execFile);

/** Jars are kept here between runs; a clean install takes them away. */
const CACHE = inRoot('node_modules', '.cache', 'chronocart-servers');

/** A real server can't be had on this machine: its suites are skipped, and say why. */
export class ServerNotAvailable extends Error {
  constructor(server: string, why: string) {
    super(`${server} is not available: ${why}`);
    this.name = 'ServerNotAvailable';
  }
}

/**
 * The folder that holds these artifacts (`group:artifact:version`) and all that they need at run time, from Maven's repositories.
 * @throws ServerNotAvailable without Java, without Maven, or when an artifact can't be downloaded
 */
export async function jars(server: string, artifacts: readonly string[]): Promise<string> {
  for (const tool of ['java', 'mvn']) {
    await run(tool, ['-version']).catch(() => {
      throw new ServerNotAvailable(server, `${tool} is not installed.`);
    });
  }
  const folder = join(CACHE, createHash('sha256').update(artifacts.join(' ')).digest('hex').slice(0, 16));
  if (existsSync(folder)) return folder;
  const making = `${folder}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  writeFileSync(join(making, 'pom.xml'), pomOf(artifacts));
  const options = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=.', '-DincludeScope=runtime'];
  try {
    await run('mvn', options, { cwd: making, timeout: 180_000 });
    renameSync(making, folder);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    // Another run may have been faster.
    if (!existsSync(folder)) throw new ServerNotAvailable(server, `Maven could not get it: ${String(error)}`);
  }
  return folder;
}

const pomOf = (artifacts: readonly string[]): string => {
  const dependencies = artifacts.map((artifact) => {
    const [groupId, artifactId, version] = artifact.split(':');
    return `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>chronocart</groupId><artifactId>servers</artifactId><version>1</version>
<dependencies>${dependencies.join('\n')}</dependencies></project>`;
};

/** A server in a process of its own. */
export interface RunningServer {
  /** How clients are told of it: `host:port`, or a connection string. */
  readonly address: string;
  readonly process: ChildProcess;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts Java with these arguments; resolves when it has printed a line that matches `ready`. */
export async function startJava(
  server: string,
  args: readonly string[],
  { cwd, ready, address, logFile }: { cwd: string; ready: RegExp; address: string; logFile?: string },
): Promise<RunningServer> {
  const child = spawn('java', [...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const isReady = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (lines.length < 1_000) lines.push(line);
        if (ready.test(line)) resolve();
      });
    }
  });
  const ended = once(child, 'exit');
  // Not a way to leave it behind: whoever starts it kills it; this is for a run that is cut off.
  process.on('exit', () => child.kill('SIGKILL'));
  await Promise.race([
    isReady,
    ended.then(() => {
      if (logFile && existsSync(logFile)) lines.push(readFileSync(logFile, 'utf8'));
      throw new Error(`${server} ended before it was ready:\n${lines.join('\n')}`);
    }),
  ]);
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { address, process: child, kill };
}

/** Below the ports that systems give to whoever connects (32768 and up on Linux, 49152 and up elsewhere). */
const PORTS = { from: 20_000, to: 32_000 };

/**
 * A port that was free a moment ago, and that no connection gets by itself: while a server is down, a client that tries its port
 * again and again would otherwise be connected to itself one day, and wait for its own answer.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    const probe = createServer().listen(port, '127.0.0.1');
    const isFree = await Promise.race([
      once(probe, 'listening').then(() => true),
      once(probe, 'error').then(() => false),
    ]);
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
