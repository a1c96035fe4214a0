import type { EventMetadata, NewEvent } from '../events';
import type { Position } from '../position';
import type { CommandWindow } from './command-window';
import { ABANDONED } from './mark.events';

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

/** Folds one command's events, which this process has just stored, at `now`; `state` is what they were folded into to decide. */
export function foldStored<S>(
  folded: Folded<S>,
  { state, events }: { readonly state: S; readonly events: readonly NewEvent[] },
  position: Position,
  now: Date,
): void {
  folded.state = state;
  folded.position = position;
  for (const { type, metadata } of events) {
    folded.abandoned ||= type === ABANDONED;
    folded.window.fold(++folded.revision, now.getTime(), metadata as unknown as EventMetadata);
  }
}
