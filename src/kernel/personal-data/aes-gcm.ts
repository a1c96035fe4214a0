import { createCipheriv, createDecipheriv, randomBytes, type CipherKey } from 'node:crypto';

export const IV_BYTES = 12;
export const TAG_BYTES = 16;

/**
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit iv, which is sound for 2^32 uses of one key. The result is ciphertext
 * and tag in one; `bound` is authenticated and not stored.
 */
export function encrypt(key: CipherKey, plain: Buffer, bound: Buffer): { iv: Buffer; ct: Buffer } {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }).setAAD(bound);
  return { iv, ct: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]) };
}

/** The plain bytes. Throws when anything is not as it was encrypted. */
export function decrypt(key: CipherKey, iv: Buffer, ct: Buffer, bound: Buffer): Buffer {
  if (iv.length !== IV_BYTES || ct.length < TAG_BYTES) throw new Error('iv or tag have the wrong length');
  const end = ct.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
    .setAAD(bound)
    .setAuthTag(ct.subarray(end));
  return Buffer.concat([decipher.update(ct.subarray(0, end)), decipher.final()]);
}
