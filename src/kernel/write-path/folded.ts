import type { Position } from '../position';
import type { CommandWindow } from './command-window';

/** A stream's state at a revision. */
export interface StateAt<S> {
  readonly state: S;
  /** Of the last event; -1 before the first. */
  readonly revision: number;
  readonly position: Position | null;
}

/** What a stream folds to: the state of the domain, and beside it what the kernel remembers. */
export interface Folded<S> {
  state: S;
  revision: number;
  position: Position | null;
  window: CommandWindow;
  /** The stream must never come into being. */
  abandoned: boolean;
}
