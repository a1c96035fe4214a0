import { readFileSync } from 'node:fs';

/*
 * To be loaded before a program (`--require`): its clock is ahead by the milliseconds in the file that CLOCK_AHEAD names, which may
 * change while it runs.
 */

const file = process.env['CLOCK_AHEAD']!;
const RealDate = Date;
let ahead = 0;
const look = () => {
  ahead = Number(readFileSync(file, 'utf8'));
};
look();
setInterval(look, 50).unref();

class ShiftedDate extends RealDate {
  static override now(): number {
    return RealDate.now() + ahead;
  }

  constructor(...args: readonly unknown[]) {
    if (args.length === 0) super(ShiftedDate.now());
    else super(...(args as [string]));
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
