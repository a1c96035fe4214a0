/** What the server calls JSON is not looked into; anything else is bytes. */
export const JSON_CONTENT = 'application/json';
export const BINARY_CONTENT = 'application/octet-stream';

/** The core keeps texts; bytes are kept as a data URL (RFC 2397). */
const BYTES = 'data:application/octet-stream;base64,';

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const storedJson = (bytes: Uint8Array): string => bufferOf(bytes).toString();

export const storedBytes = (bytes: Uint8Array): string => BYTES + bufferOf(bytes).toString('base64');

/** Undefined when the text is JSON. */
export const bytesOfStored = (text: string): Buffer | undefined =>
  text.startsWith(BYTES) ? Buffer.from(text.slice(BYTES.length), 'base64') : undefined;
