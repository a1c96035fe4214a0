import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { FromSandbox, LogMessage, OpenMessage } from './messages';
import { rightsFor } from './sandbox-rights';

/** What a candidate may cost, and who hears what it prints. */
export interface SandboxOptions {
  /** Of its JavaScript values, in MB. */
  readonly memoryMb: number;
  /** Of all of it, in milliseconds; null: as long as it takes. */
  readonly timeoutMs: number | null;
  readonly onPrinted: (line: string) => void;
}

/** What ends a process whose values take more memory than they may. */
const TOO_MUCH = 'SIGABRT';
const ANSWERS = 3;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A process of its own that tries a candidate: it is given events and nothing else, and has no environment. */
export class Sandbox {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly ended: Promise<NodeJS.Signals | number | null>;
  private readonly timer: NodeJS.Timeout | null;
  private errors = '';
  private isLate = false;

  constructor(
    options: OpenMessage,
    private readonly limits: SandboxOptions,
    program = join(__dirname, 'what-if-process.js'),
  ) {
    const { memoryMb, timeoutMs, onPrinted } = limits;
    const flags = ['--no-warnings', `--max-old-space-size=${memoryMb}`, ...rightsFor(options.file)];
    this.child = spawn(process.execPath, [...flags, program], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], env: {} });
    this.ended = once(this.child, 'close').then(([code, signal]) => (signal ?? code) as NodeJS.Signals | number | null);
    const answers = this.child.stdio[ANSWERS] as Readable;
    this.lines = createInterface({ input: answers })[Symbol.asyncIterator]();
    createInterface({ input: this.child.stdout! }).on('line', onPrinted);
    this.child.stderr!.on('data', (text: Buffer) => (this.errors = `${this.errors}${text.toString()}`.slice(-2_000)));
    this.input.on('error', () => undefined); // It has ended: the next answer says so.
    this.timer = timeoutMs === null ? null : setTimeout(() => this.giveUp(), timeoutMs);
    for (const signal of SIGNALS) process.once(signal, this.endWith);
    this.write(options);
  }

  tell(message: LogMessage): void {
    this.write(message);
  }

  /** What it says next. @throws Error with one sentence, when it says nothing any more */
  async answer(): Promise<FromSandbox> {
    const { value, done } = await this.lines.next();
    if (!done) return JSON.parse(value) as FromSandbox;
    throw new Error(this.whyEnded(await this.ended));
  }

  /** Ends it, whatever it does. */
  async close(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    for (const signal of SIGNALS) process.off(signal, this.endWith);
    this.kill();
    await this.ended;
  }

  private kill(): void {
    this.child.kill('SIGKILL');
  }

  /** A candidate that loops for ever does not hear that nobody waits for it any more. */
  private readonly endWith = (signal: NodeJS.Signals): void => {
    this.kill();
    for (const each of SIGNALS) process.off(each, this.endWith);
    process.kill(process.pid, signal);
  };

  private get input(): Writable {
    return this.child.stdin!;
  }

  private write(message: OpenMessage | LogMessage): void {
    this.input.write(`${JSON.stringify(message)}\n`);
  }

  private giveUp(): void {
    this.isLate = true;
    this.kill();
  }

  private whyEnded(how: NodeJS.Signals | number | null): string {
    const { memoryMb, timeoutMs } = this.limits;
    if (this.isLate) return `It took longer than ${(timeoutMs ?? 0) / 1_000} s; --timeout says how long it may take.`;
    if (how === TOO_MUCH) return `It needs more than ${memoryMb} MB of memory; --memory says how much it may have.`;
    const [said = ''] = /^\w*Error.*$/m.exec(this.errors) ?? [];
    return `The candidate ended its process (${how})${said ? `: ${said}` : '.'}`;
  }
}
