/**
 * The value; nothing in it can be changed any more. A candidate is handed what the live code goes on with: where it writes into that
 * it is stopped, and does not change what the next decision is judged on.
 */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) frozen(member);
  return value;
}
