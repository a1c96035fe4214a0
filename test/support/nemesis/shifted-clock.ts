/**
 * Preloaded into a program (`node --require`): its clock is off by the number in the file that NEMESIS_CLOCK names, in milliseconds;
 * the monotonic clock stays as it is.
 */
import { readFileSync } from 'node:fs';

const file = process.env['NEMESIS_CLOCK'];
const LOOK_EVERY_MS = 20;

if (file !== undefined) {
  const real = globalThis.Date;
  let shift = 0;
  const look = () => {
    try {
      shift = Number(readFileSync(file, 'utf8')) || 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  };
  look();
  setInterval(look, LOOK_EVERY_MS).unref();
  const now = () => real.now() + shift;
  globalThis.Date = new Proxy(real, {
    construct: (target, args: unknown[], self) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, self as NewableFunction) as Date,
    apply: () => new real(now()).toString(),
    get: (target, member, self) => (member === 'now' ? now : (Reflect.get(target, member, self) as unknown)),
  });
}
