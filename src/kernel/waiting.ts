/** Resolves after so many milliseconds (none are left: soon), or at once when the signal is aborted; leaves no timer and no listener behind. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(milliseconds, 0));
    signal?.addEventListener('abort', done);
  });
}

/** Acts until the signal is aborted, with so many milliseconds between the end of one time and the next. @throws what `act` throws */
export async function repeat(act: () => Promise<void>, milliseconds: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await act();
    await pause(milliseconds, signal);
  }
}

/** Turns: more of them bring hardly more, and keep waiting who is there already. */
const TURNS_TO_GATHER = 5;

/**
 * Calls `then` at the end of this turn of the event loop; while every turn brings more to do, as `count` says, some turns later, so that
 * more of it is done at once. Who comes alone waits for nobody.
 */
export function gather(count: () => number, then: () => void, turns = TURNS_TO_GATHER): void {
  const had = count();
  setImmediate(() => (turns > 1 && count() > had ? gather(count, then, turns - 1) : then()));
}

/** Lets everything else that is ready run first. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
