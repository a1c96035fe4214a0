import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { lineOf, type Progress, ProgressLine, SILENT } from './progress';

/** A stream of the process, which may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command says, and to whom. */
export interface Io {
  /** The answer, as it is: line ends are the caller's. Where much is written, await `drained` now and then. */
  out(text: string): void;
  /** What is not the answer: remarks and warnings, one line each. */
  err(text: string): void;
  /** `value` as JSON where `--json` was given, else the text. */
  answer(value: unknown, text: () => string): void;
  /** Resolves when what was written has been taken. */
  drained(): Promise<void>;
  /** Shows how far a long work has come, on a terminal; `total` null: nobody knows how much there is. */
  progress(label: string, total: number | null): Progress;
  readonly input: Readable & { readonly isTTY?: boolean };
  /** Where the answer goes, for a dialogue with a person. */
  readonly output: Output;
  /** A person reads the answer. */
  readonly isTerminal: boolean;
  /** The answer is to be JSON. */
  readonly json: boolean;
}

interface Streams {
  readonly stdin: Io['input'];
  readonly stdout: Output;
  readonly stderr: Output;
}

/** The process's own streams, or others in their place. */
export function ioOf({ stdin, stdout, stderr }: Streams, { json }: { json: boolean }): Io {
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(`${text}\n`),
    answer: (value, text) => void stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : text()),
    drained: async () => {
      if (stdout.writableNeedDrain) await once(stdout, 'drain');
    },
    progress: (label, total) => {
      if (!stderr.isTTY) return SILENT;
      return new ProgressLine(
        (state) => lineOf(label, total, state),
        (text) => void stderr.write(text),
      );
    },
    input: stdin,
    output: stdout,
    isTerminal: stdout.isTTY === true,
    json,
  };
}
