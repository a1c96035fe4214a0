/**
 * Freezes a value all the way down and answers it, so that it can be handed out without a copy: whoever writes into it is stopped. What is
 * frozen already is taken to be frozen all the way down, so that a new value that shares most of its parts with the one before costs little.
 */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) value.forEach(frozen);
  else for (const name in value) frozen(value[name]);
  return Object.freeze(value);
}
