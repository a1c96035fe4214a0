import { problem } from './problem';

const UTF_8 = new TextDecoder('utf-8', { fatal: true });
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/i;

/**
 * The text of a body. JSON between systems is UTF-8 (RFC 8259, 8.1): what is not would have its letters replaced for good.
 * @throws Rejected `media-type-unsupported` for another charset, `json-invalid` for bytes that are no UTF-8
 */
export function textOf(body: Uint8Array, contentType = ''): string {
  const [, charset] = CHARSET.exec(contentType) ?? [];
  if (charset !== undefined && !/^utf-?8$/i.test(charset))
    throw problem('media-type-unsupported', { detail: 'The charset of JSON is UTF-8 (RFC 8259, 8.1).' });
  try {
    return UTF_8.decode(body);
  } catch {
    throw problem('json-invalid', { detail: 'The body is not UTF-8 (RFC 8259, 8.1).' });
  }
}
