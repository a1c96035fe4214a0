import type { Config } from '../../config';
import type { HistoryConfig, HistorySource } from '../source';
import type { Io } from './io';
import type { OptionValues } from './option-values';

/** An option of a command, as `--name` or `--name <value>`. */
export interface CommandOption {
  readonly type: 'string' | 'boolean';
  /** It may be given several times. */
  readonly multiple?: boolean;
  /** What stands for the value in the help: `<time>`. */
  readonly value?: string;
  readonly meaning: string;
}

export interface CommandInput {
  readonly positionals: readonly string[];
  readonly values: OptionValues;
  readonly io: Io;
  readonly config: HistoryConfig & Pick<Config, 'mongodbUrl'>;
  /** Opens the history; it is closed when the command has ended. */
  open(): Promise<HistorySource>;
}

/** One command of `chronocart history`. */
export interface HistoryCommand {
  readonly name: string;
  /** What follows the name: `<stream> [--as-of <instant>]`. */
  readonly synopsis: string;
  /** One sentence. */
  readonly meaning: string;
  /** Beside `--json`, `--data-dir` and `--help`, which every command has. */
  readonly options: Readonly<Record<string, CommandOption>>;
  /** Lines for the end of the command's help: what its arguments may be, examples. */
  readonly notes?: readonly string[];
  /**
   * @throws Misuse when the command line makes no sense (exit status 2)
   * @throws Error with one plain sentence for whatever else went wrong (exit status 1)
   */
  run(input: CommandInput): Promise<void>;
}
