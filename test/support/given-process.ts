import type { DomainEvent, StoredEvent } from '#src/kernel/events';
import type {
  AnyProcess,
  IssuedCommand,
  Process,
  ProcessInput,
  Reaction,
  Timeout,
} from '#src/kernel/processes/process';
import { stored, type GivenEvent } from './given-projection';

type Input<E extends DomainEvent> = GivenEvent | ProcessInput<E>;

interface Expected<S> {
  readonly commands: readonly IssuedCommand[];
  /** Default: none. */
  readonly timeouts?: readonly Timeout[];
  /** At least these fields. */
  readonly state?: Partial<S>;
}

/**
 * The grammar of processes: `run(checkout).given(cartCheckedOut(…)).when(settled(rejected('ReserveStock', …))).then({ commands: [
 * issue(RejectOrder, { … })] })`: exactly these commands in this order, and exactly these timeouts. `thenNothing()`: nothing to do
 * and nothing to remember. Inputs are events, or what `settled` and `timedOut` give.
 */
export const run = <S extends object, E extends DomainEvent>(process: Process<S, E>) => ({
  given: (...inputs: readonly Input<E>[]) => {
    // Its instances' streams are named by it, for ever.
    expect(process.name).toMatch(/^[a-z][A-Za-z]*$/);
    const history = inputs.map((input, n) => inputOf<E>(input, n));
    const state = history.reduce<S>((before, input) => react(process, before, input)?.state ?? before, process.initial);
    return {
      state,
      when(input: Input<E>) {
        const last = inputOf<E>(input, history.length);
        assertOneInstance(process as AnyProcess, [...history, last]);
        const reaction = react(process, state, last);
        return {
          commands: reaction?.commands ?? [],
          then({ commands, timeouts = [], state: fields }: Expected<S>): void {
            expect(reaction).not.toBeNull();
            expect({ commands: reaction?.commands ?? [], timeouts: reaction?.timeouts ?? [] }).toEqual({
              commands,
              timeouts,
            });
            if (fields) expect(reaction?.state).toMatchObject(fields);
          },
          thenNothing(): void {
            expect(reaction).toBeNull();
          },
        };
      },
    };
  },
});

export const done = (command: { readonly name: string }, revision = 0) =>
  ({ name: command.name, outcome: 'done', revision }) as const;
export const refused = (command: { readonly name: string }, code: string, details = {}) =>
  ({ name: command.name, outcome: 'rejected', code, details }) as const;
export const skipped = (command: { readonly name: string }) => ({ name: command.name, outcome: 'skipped' }) as const;

const NOON = '2026-01-01T12:00:00.000Z';

/** The commands of one reaction have ended. */
export const settled = (
  results: readonly (ReturnType<typeof done> | ReturnType<typeof refused> | ReturnType<typeof skipped>)[],
  at = NOON,
): ProcessInput<never> => ({ kind: 'settled', results, at });

export const timedOut = (name: string, at = NOON): ProcessInput<never> => ({ kind: 'timeout', name, at });

const inputOf = <E extends DomainEvent>(input: Input<E>, n: number): ProcessInput<E> =>
  'kind' in input ? input : happened<E>(stored(input, n));

/** The event reaches the process at this moment; default: when it was recorded. */
export const happened = <E extends DomainEvent>(event: StoredEvent, at = event.recordedAt): ProcessInput<E> =>
  ({ kind: 'event', event, at }) as unknown as ProcessInput<E>;

/** One reaction, and the rules that hold for each: pure, of declared commands only, and the same after it was stored. */
function react<S extends object, E extends DomainEvent>(
  process: Process<S, E>,
  state: S,
  input: ProcessInput<E>,
): Reaction<S> | null {
  const reaction = process.react(deepFrozen(state), input);
  expect(process.react(state, input)).toEqual(reaction);
  expect(JSON.parse(JSON.stringify(reaction))).toEqual(reaction);
  const declared = process.commands.map(({ name }) => name);
  for (const { name } of reaction?.commands ?? []) expect(declared).toContain(name);
  return reaction;
}

function assertOneInstance(process: AnyProcess, inputs: readonly ProcessInput[]): void {
  const ids = inputs.flatMap((input) => (input.kind === 'event' ? [keyOf(process, input.event)] : []));
  expect(ids).not.toContain(null);
  expect(new Set(ids).size).toBeLessThanOrEqual(1);
}

function keyOf(process: AnyProcess, event: StoredEvent): string | null {
  const key = process.on[event.type] as ((event: StoredEvent) => string | null) | undefined;
  if (!key) throw new Error(`Process ${process.name} does not listen to ${event.type}.`);
  return key(event);
}

function deepFrozen<T extends object>(value: T): T {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFrozen(member as object);
  return Object.freeze(value);
}
