import { nextTurn } from '../waiting';

/**
 * Long work on the event loop, in slices: of all such work of a process one slice runs at a time, and whatever else is ready runs
 * between two of them. So the loop is never held for longer than a slice takes, however many do long work at once.
 */
export class Slices {
  private last: Promise<void> = Promise.resolve();

  /** Resolves when the caller may do one slice. */
  next(): Promise<void> {
    return (this.last = this.last.then(nextTurn));
  }
}
