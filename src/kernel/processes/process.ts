import type { Command, CommandClass } from '../commands';
import type { DomainEvent, Stored } from '../events';
import type { JsonObject } from '../json';

/** A command that a process wants to be issued; it is stored before it is. */
export interface IssuedCommand {
  /** Name of the command's class. */
  readonly name: string;
  readonly data: JsonObject;
  /** ISO 8601: refused after this moment. Default: 15 minutes after the reaction. */
  readonly notAfter?: string;
}

/**
 * Wakes the process up: `react` is called with it when `afterMs` milliseconds have passed, whatever becomes of the clocks; or at a
 * moment of the calendar, `dueAt` (ISO 8601), by the clock of who runs the processes then. It decides whether it still matters.
 */
export type Timeout =
  { readonly name: string; readonly afterMs: number } | { readonly name: string; readonly dueAt: string };

/** How one issued command ended. A rejection is an answer: the commands after it were not issued (`skipped`). */
export type CommandResult =
  | { readonly name: string; readonly outcome: 'done'; readonly revision: number }
  | { readonly name: string; readonly outcome: 'rejected'; readonly code: string; readonly details: JsonObject }
  | { readonly name: string; readonly outcome: 'skipped' };

/**
 * What a process reacts to: an event of the shop, the end of the commands of one reaction, or a timeout. `at` (ISO 8601, UTC) is when
 * it is decided on, by the clock of who runs the processes, and the only clock that a process has: when an event was recorded says
 * the clock of the store, which may be another one, or have been wrong.
 */
export type ProcessInput<E extends DomainEvent = DomainEvent> =
  | { readonly kind: 'event'; readonly event: Stored<E>; readonly at: string }
  | { readonly kind: 'settled'; readonly results: readonly CommandResult[]; readonly at: string }
  | { readonly kind: 'timeout'; readonly name: string; readonly at: string };

export interface Reaction<S> {
  readonly state: S;
  /** Issued in order; the first rejection stops the rest. */
  readonly commands?: readonly IssuedCommand[];
  readonly timeouts?: readonly Timeout[];
}

/** The class of a command, whatever its data. */
export type IssuableCommand = CommandClass;

/** A process manager: events in, commands out. Pure; the runner makes it durable. */
export interface Process<S extends object, E extends DomainEvent> {
  /** camelCase; its streams are `<name>-<uuid>`. */
  readonly name: string;
  readonly stateVersion: number;
  readonly initial: S;
  /** Per event type, the id of the instance that the event concerns, from the event alone; null: none. */
  readonly on: { readonly [T in E['type']]?: (event: Stored<Extract<E, { type: T }>>) => string | null };
  /** Classes of the commands that it issues. */
  readonly commands: readonly IssuableCommand[];
  /**
   * Brings a state that an earlier release stored (its `stateVersion`) to this one. Pure; throws for a version that it does not
   * know. An instance whose state can't be brought to this version is parked.
   */
  upgrade?(state: JsonObject, stateVersion: number): S;
  /** null: nothing to do and nothing to remember. Times come from the input alone. */
  react(state: S, input: ProcessInput<E>): Reaction<S> | null;
}

/** Any of them, as the runner sees it. */
export interface AnyProcess extends Omit<Process<object, DomainEvent>, 'on'> {
  readonly on: { readonly [type: string]: ((event: never) => string | null) | undefined };
}

/** `issue(ReserveStock, { … })`: a command of this class with this data. */
export const issue = <D extends object>(
  command: new (...args: [never, D]) => Command<D>,
  data: D,
  options: { notAfter?: string } = {},
): IssuedCommand => ({ name: command.name, data: data as unknown as JsonObject, ...options });
