import { v5, v7 } from 'uuid';

/** The namespace of every id that Chronocart derives (RFC 9562, version 5). Stored ids depend on it: it never changes. */
const NAMESPACE = '6f1c1d3e-0c1b-5b57-9a43-3d2a5c0f7e11';

/** A new UUID, version 7: sorts by the time it was made. */
export const newId = (): string => v7();

/** The UUID, version 5, that `name` has below `parent`: the same arguments give the same id, for ever. */
export const deriveId = (parent: string, name: string): string => v5(`${parent}/${name}`, NAMESPACE);
