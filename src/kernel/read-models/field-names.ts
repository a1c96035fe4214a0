/**
 * Whether a document may have a field of this name, at its top: MongoDB keeps names that begin with `$` for itself and reads a dot as
 * a path; those that begin with `_` are the stores' own.
 */
export const isFieldName = (name: string): boolean => !/^[_$]|\./.test(name);

/** @throws Error when the document can't be stored in every adapter */
export function assertFieldNames(id: string, document: object): void {
  if ('_id' in document)
    throw new Error(`The document ${id} brings an _id along: the id it is stored under is its _id.`);
  for (const name in document) {
    if (!isFieldName(name))
      throw new Error(`The document ${id} has a field ${name}: names don't begin with _ or $, and hold no dot.`);
  }
}
