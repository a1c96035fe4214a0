import type { Position } from '../position';
import type { CommandWindow } from './command-window';

/** What a stream folds to: the state of the domain, and beside it what the kernel remembers. */
export interface Folded<S> {
  state: S;
  /** Of the last event; -1 before the first. */
  revision: number;
  position: Position | null;
  window: CommandWindow;
  /** The stream must never come into being. */
  abandoned: boolean;
}
