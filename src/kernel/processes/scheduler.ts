/** Runs things later; tests put their own in its place, beside their clock. */
export abstract class Scheduler {
  /** Calls `run` once after `ms` milliseconds, unless the function that it returns is called before. */
  abstract after(ms: number, run: () => void): () => void;
  /** Milliseconds since some moment, on a clock that nobody can set. */
  abstract elapsed(): number;
}

export class SystemScheduler extends Scheduler {
  override after(ms: number, run: () => void): () => void {
    const timer = setTimeout(run, ms);
    // Waiting for later keeps no process alive.
    timer.unref();
    return () => clearTimeout(timer);
  }

  override elapsed(): number {
    return performance.now();
  }
}
