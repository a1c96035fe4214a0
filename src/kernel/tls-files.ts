import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

/** Whether TLS can be spoken with these: certificates of an authority, and a certificate of one's own with its key. */
export function isUsable(
  authority: Buffer | undefined,
  own: Pick<SecureContextOptions, 'cert' | 'key' | 'passphrase'>,
): boolean {
  try {
    // A context passes over an authority that it can't read.
    if (authority !== undefined) void new X509Certificate(authority);
    createSecureContext(own);
    return true;
  } catch {
    return false;
  }
}
