import type { FaultyStore } from './faulty-store';

/**
 * A place in a program's life, said by what it stores there: `after:checkout/Reacted:2` is right after the second append whose
 * first event is a `Reacted` on a stream of `checkout` was stored, and before anybody hears of it; `before:…` right before it is
 * handed to the store.
 */
export interface KillPoint {
  readonly when: 'before' | 'after';
  readonly aggregate: string;
  readonly type: string;
  /** Counted from 1, since the start of the process. */
  readonly nth: number;
}

export function killPoint(text: string): KillPoint {
  const [, when, aggregate, type, nth] = /^(before|after):([A-Za-z]+)\/([A-Za-z]+):([1-9]\d*)$/.exec(text) ?? [];
  if (when === undefined) throw new Error(`${text} is no kill point, such as after:checkout/Reacted:1.`);
  return { when: when as KillPoint['when'], aggregate: aggregate!, type: type!, nth: Number(nth) };
}

/** Ends this process with SIGKILL at that point: hang it into a `FaultyStore`. */
export function dieAt({ when, aggregate, type, nth }: KillPoint): NonNullable<FaultyStore['onAppend']> {
  let seen = 0;
  return (append) => async (stream, expected, events) => {
    const isHere = stream.startsWith(`${aggregate}-`) && events[0]?.type === type && ++seen === nth;
    if (isHere && when === 'before') process.kill(process.pid, 'SIGKILL');
    const appended = await append(stream, expected, events);
    if (isHere) process.kill(process.pid, 'SIGKILL');
    return appended;
  };
}
