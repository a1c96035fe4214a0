import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { textOf } from './deployment';
import { tempFolder } from './temp-folder';

/** Those that deploy/nginx/nginx.conf listens on. */
const PORT = 8080;
const OWN_HEALTH_PORT = 8081;

/** The one line that is another one here: Docker's DNS is not there, and nginx before 1.27.3 does not know `resolve`. */
const RESOLVED = /^( *)server api:3000 resolve(.*);$/m;

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });

/** Why nginx can't be run here with the configuration that is shipped; null: it can. */
export function whyNoNginx(): string | null {
  if (spawnSync('nginx', ['-v'], { stdio: 'ignore' }).status !== 0) return 'nginx is not installed';
  if (process.getuid?.() !== 0) return 'nginx.conf writes /run/nginx.pid, which only root may';
  return null;
}

/** nginx as it is shipped, in front of these processes (`host:port`). */
export class Nginx {
  readonly url = `http://127.0.0.1:${PORT}`;

  private constructor(
    private readonly child: ChildProcess,
    private readonly logFile: string,
  ) {}

  /** What it has logged: a JSON line for each request, and what has gone wrong. */
  get log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** @throws Error when it does not start, or another program has one of its ports */
  static async start(processes: readonly string[]): Promise<Nginx> {
    for (const port of [PORT, OWN_HEALTH_PORT])
      if (await isListening(port)) throw new Error(`Another program listens on port ${port}, which nginx.conf names.`);
    const shipped = textOf('deploy', 'nginx', 'nginx.conf');
    if (!RESOLVED.test(shipped)) throw new Error('nginx.conf has no line that resolves the processes of the API.');
    const conf = shipped.replace(RESOLVED, (_, indent: string, options: string) =>
      processes.map((process) => `${indent}server ${process}${options};`).join('\n'),
    );
    const folder = tempFolder();
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, conf);
    // It opens /dev/stdout, which can't be one of Node's pipes.
    const logFile = join(folder, 'log');
    const log = openSync(logFile, 'a');
    const child = spawn('nginx', ['-c', file, '-g', 'daemon off;'], { stdio: ['ignore', log, log] });
    closeSync(log);
    const nginx = new Nginx(child, logFile);
    while (!(await isListening(OWN_HEALTH_PORT))) {
      if (child.exitCode !== null) throw new Error(`nginx has ended: ${nginx.log}`);
      await sleep(20);
    }
    return nginx;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
