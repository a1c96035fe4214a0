import type { RunningProgram } from './programs';
import { listening, type ShopProcess } from './shop-process';

/** After so many ends in a row, each before it listened, it is not started again. */
const FRUITLESS_STARTS = 5;
/** Of what a program said last, so many lines are told when it ends by itself. */
const LAST_LINES = 12;

/** What to start, and the line that says where it listens. */
export interface Startable {
  readonly name: string;
  readonly where: RegExp;
  start(): RunningProgram;
}

/** A program of the shop that is started again whenever it ends, as a supervisor does. It takes down the ends that nobody asked for. */
export class KeptProcess {
  /** Every program that was started, the one that runs last. */
  readonly programs: RunningProgram[] = [];
  /** Ends that nobody asked for, each with what the program said last. */
  readonly unasked: string[] = [];
  private readonly asked = new WeakSet<RunningProgram>();
  private current: Promise<ShopProcess>;
  private fruitless = 0;
  private isOver = false;

  constructor(private readonly startable: Startable) {
    this.current = this.begin();
  }

  /** The one that listens; waits while it is down. @throws Error when it does not come back */
  async process(): Promise<ShopProcess> {
    for (;;) {
      const { current } = this;
      try {
        return await current;
      } catch (error) {
        if (this.current === current) throw error;
      }
    }
  }

  /** Where it listens. */
  readonly url = async (): Promise<string> => (await this.process()).url;

  /**
   * Kills it and starts it again; resolves when it listens. With `again` the first start is killed too, after so many milliseconds.
   * Resolves to how often it was killed.
   */
  async kill({ again = null }: { again?: number | null } = {}): Promise<number> {
    let kills = 1;
    await this.restart(async (dying) => {
      await dying.kill();
      if (again === null) return;
      const stillborn = this.startable.start();
      this.asked.add(stillborn);
      await new Promise((resolve) => setTimeout(resolve, again));
      stillborn.process.kill('SIGKILL');
      await stillborn.ended();
      kills++;
    });
    return kills;
  }

  /** Asks it to stop, and starts it again; the exit code that it stopped with, or the signal that ended it. */
  async stop(): Promise<number | NodeJS.Signals> {
    let ended!: number | NodeJS.Signals;
    await this.restart(async (stopping) => {
      ended = await stopping.stop();
    });
    return ended;
  }

  /** Holds all of it still (SIGSTOP) for so many milliseconds. */
  async pause(ms: number): Promise<void> {
    const { program } = await this.process();
    program.process.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, ms));
    program.process.kill('SIGCONT');
  }

  /** Ends it for good: whoever still looks for it is told so. The exit code, or the signal that ended it; null: it did not run. */
  async end(how: 'SIGTERM' | 'SIGKILL'): Promise<number | NodeJS.Signals | null> {
    this.isOver = true;
    this.current = Promise.reject(new Error(`${this.startable.name} does not come back.`));
    this.current.catch(() => undefined);
    const program = this.programs.at(-1)!;
    const runs = program.process.exitCode === null && program.process.signalCode === null;
    this.asked.add(program);
    program.process.kill(how);
    const ended = await program.ended();
    return runs ? ended : null;
  }

  /** What it has said last. */
  lastWords(program = this.programs.at(-1)!): string {
    const said = [...program.lines.slice(-LAST_LINES), ...program.errors.slice(-LAST_LINES)];
    return [`${this.startable.name}:`, ...said].join('\n  ');
  }

  /** From the first moment on, whoever looks for it waits for the new one. */
  private async restart(end: (process: ShopProcess) => Promise<void>): Promise<void> {
    const old = await this.process();
    this.asked.add(old.program);
    this.current = end(old).then(() => {
      if (this.isOver) throw new Error(`${this.startable.name} does not come back.`);
      return this.begin();
    });
    await this.process();
  }

  private begin(): Promise<ShopProcess> {
    const program = this.startable.start();
    this.programs.push(program);
    const up = listening(program, this.startable.where).then((listens) => {
      this.fruitless = 0;
      return listens;
    });
    void program.ended().then((status) => this.ended(program, status));
    return up;
  }

  private ended(program: RunningProgram, status: number | NodeJS.Signals): void {
    if (this.asked.has(program)) return;
    this.unasked.push(`It ended by itself with ${status}. ${this.lastWords(program)}`);
    if (this.isOver || ++this.fruitless > FRUITLESS_STARTS) return;
    this.current = this.begin();
    this.current.catch(() => undefined);
  }
}
