import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from '#src/kernel/waiting';
import { type RunningProgram, startProgram } from '../programs';
import { freePort } from '../servers/java';
import { remoteFaults } from './control-port';
import type { Faults } from './faults';

/** A node in a process of its own, which can be killed and started again: its log, address and port stay. */
export class EventStoreNodeProcess {
  private constructor(
    private readonly folder: string,
    private readonly options: readonly string[],
    private running: Running,
  ) {}

  /** `options`: arguments of `main.ts` beside folder and port. */
  static async start(...options: readonly string[]): Promise<EventStoreNodeProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'eventstore-node-'));
    return new EventStoreNodeProcess(folder, options, await run(folder, await freePort(), options));
  }

  /** Connection string, without credentials. */
  get url(): string {
    return this.running.url;
  }

  get port(): number {
    return this.running.port;
  }

  /** Those of the process that runs now. */
  get faults(): Faults {
    return this.running.faults;
  }

  /** Ends it as a power cut does to a process. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.running.program.process.kill('SIGKILL');
    await this.running.program.ended();
  }

  /** Lets it do nothing at all for so many milliseconds, as a machine does that is out of breath. Resolves when it goes on. */
  async standStill(milliseconds: number): Promise<void> {
    this.running.program.process.kill('SIGSTOP');
    await pause(milliseconds);
    this.running.program.process.kill('SIGCONT');
  }

  /** Asks it to stop (SIGTERM); its exit code, or the signal that ended it. */
  async stop(): Promise<number | NodeJS.Signals> {
    this.running.program.process.kill('SIGTERM');
    return this.running.program.ended();
  }

  /** Starts it again after `kill` or `stop`. Resolves when it listens. */
  async startAgain(): Promise<void> {
    this.running = await run(this.folder, this.port, this.options);
  }

  /** Kills it and removes its log. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Running {
  readonly program: RunningProgram;
  readonly url: string;
  readonly port: number;
  readonly faults: Faults;
}

async function run(folder: string, port: number, options: readonly string[]): Promise<Running> {
  const program = startProgram('eventstore-node/main', [`--data=${folder}`, `--port=${port}`, ...options]);
  const [, control] = await program.said(/^Faults: (\S+)$/);
  const [url, bound] = await program.said(/^esdb:\/\/[^:]+:(\d+)\S*$/);
  return { program, url, port: Number(bound), faults: remoteFaults(control!) };
}
