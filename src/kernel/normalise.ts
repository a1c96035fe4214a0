/**
 * Names are compared, claimed and hashed in their normal form only. What is stored depends on these functions: they never
 * change, and applying one twice is the same as applying it once.
 */

/** NFKC (Unicode UAX 15), trimmed, lower case. */
export const normaliseEmail = foldedCase;

/** Trimmed, upper case. */
export const normaliseSku = (sku: string): string => sku.trim().toUpperCase();

/** NFKC (Unicode UAX 15), trimmed, lower case. */
export const normaliseSlug = foldedCase;

function foldedCase(name: string): string {
  // Lower case can bring letters together that NFKC composes (Greek ones with ypogegrammeni), hence the second NFKC.
  return name.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
}
