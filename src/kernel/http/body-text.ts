import { problem } from './problem';

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;
const UTF_8 = /^utf-?8$/i;

/** A byte order mark stays in the text, where JSON has no place for it (RFC 8259, 8.1). */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The text of a JSON body, which is UTF-8 (RFC 8259, 8.1). What is not can't be guessed, and what a lenient decoder puts in its
 * place can't be taken back from an event.
 * @throws Rejected `media-type-unsupported` for another charset, `json-invalid` for bytes that are not UTF-8
 */
export function textOf(body: Buffer, contentType: string | undefined): string {
  const charset = CHARSET.exec(contentType ?? '')?.[1] ?? 'utf-8';
  if (!UTF_8.test(charset)) throw problem('media-type-unsupported', { detail: 'The charset of JSON is UTF-8.' });
  try {
    return decoder.decode(body);
  } catch {
    throw problem('json-invalid', { detail: 'The body must be UTF-8 (RFC 8259, 8.1).' });
  }
}
