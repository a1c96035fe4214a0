import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../root';

/** The clock of a program that is off, see shifted-clock.ts. */
export class ShiftedClock {
  private readonly file: string;

  /** `usual`: so many milliseconds it is off where nothing else is said. */
  constructor(
    folder: string,
    name: string,
    private readonly usual = 0,
  ) {
    this.file = join(folder, `clock-of-${name.replace(/\W/g, '-')}`);
    this.set(0);
  }

  /** What the environment of the program must hold. */
  get env(): Readonly<Record<string, string>> {
    const preloaded = inRoot('dist', 'test', 'support', 'nemesis', 'shifted-clock.js');
    return { NODE_OPTIONS: `--require ${JSON.stringify(preloaded)}`, NEMESIS_CLOCK: this.file };
  }

  /** Off by so many milliseconds, beside what is usual. */
  set(by: number): void {
    writeFileSync(`${this.file}.new`, String(this.usual + by));
    renameSync(`${this.file}.new`, this.file);
  }
}
