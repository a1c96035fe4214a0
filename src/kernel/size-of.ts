import type { Json } from './json';

/** Of a value in a list or in an object, or of the object itself, beside what it holds. */
const PLACE = 16;
const LIST_OR_OBJECT = 32;

/** About how many bytes of memory a value takes; what several share is counted for each. */
export function sizeOf(value: Json | undefined): number {
  if (typeof value === 'string') return PLACE + value.length;
  if (typeof value !== 'object' || value === null) return PLACE;
  let size = LIST_OR_OBJECT;
  if (Array.isArray(value)) for (const member of value as readonly Json[]) size += sizeOf(member);
  else for (const name in value) size += sizeOf((value as { readonly [name: string]: Json | undefined })[name]);
  return size;
}
