/** A JSON Pointer (RFC 6901): `/lines/0/quantity`; the whole document is ''. */
export const pointerTo = (path: readonly (string | number)[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
