import type { Aggregate } from '#src/kernel/aggregate';
import type { DomainEvent } from '#src/kernel/events';
import { problemTypes, Rejected } from '#src/kernel/rejection';

/**
 * The grammar of decisions: `given(cart, itemAdded(mug)).when((c) => removeItem(c, …)).then(itemRemoved(mug))`, or
 * `.thenNothing()` for "already so", or `.rejects('cart-full', { most: 100 })`.
 */
export const given = <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, ...events: readonly E[]) => {
  // Streams are named by it, for ever.
  expect(aggregate.name).toMatch(/^[a-z][A-Za-z]*$/);
  const state = stateOf(aggregate, events);
  return {
    state,
    when(decide: (state: S) => readonly E[]) {
      return {
        then(...expected: readonly E[]): void {
          expect(decide(state)).toStrictEqual(expected);
        },
        thenNothing(): void {
          expect(decide(state)).toEqual([]);
        },
        rejects(code: string, details?: Record<string, unknown>): void {
          const rejection = rejectionOf(() => decide(state));
          expect(rejection.code).toBe(code);
          expectAnswerable(code);
          if (details) expect(rejection.details).toMatchObject(details);
        },
        /** The state after the decision's events. */
        leavesState(check: (state: S) => void): void {
          check(stateOf(aggregate, [...events, ...decide(state)]));
        },
      };
    },
  };
};

export const stateOf = <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, events: readonly E[]): S =>
  events.reduce((state, event) => aggregate.evolve(state, event), aggregate.initial);

function rejectionOf(decide: () => unknown): Rejected {
  try {
    decide();
  } catch (error) {
    if (error instanceof Rejected) return error;
    throw error;
  }
  throw new Error('It was decided, not rejected.');
}

/** Whoever is refused reads a sentence, and a status says whose turn it is. */
function expectAnswerable(code: string): void {
  const { status, title } = problemTypes.get(code) ?? {};
  expect([400, 401, 403, 404, 409, 422, 429, 503]).toContain(status);
  expect(title).toMatch(/^[A-Z].*\.$/);
}
