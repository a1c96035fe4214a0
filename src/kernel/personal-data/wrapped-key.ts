import { randomBytes, type KeyObject } from 'node:crypto';
import { lengthPrefixed } from '../length-prefixed';
import { decrypt, encrypt, IV_BYTES } from './aes-gcm';
import { DamagedPersonalValue } from './personal';

/** The first byte of a wrapped key: how it was wrapped. */
const VERSION = 1;

/** The key of a subject for a purpose. */
export interface KeyOwner {
  readonly subject: string;
  readonly purpose: string;
}

const boundTo = ({ subject, purpose }: KeyOwner): Buffer => lengthPrefixed('wrapped-key', subject, purpose);

/** A new key (32 random bytes) in its stored form: version, iv, and the key under the master key, bound to its owner. */
export function newKey(master: KeyObject, owner: KeyOwner): Uint8Array {
  const { iv, ct } = encrypt(master, randomBytes(32), boundTo(owner));
  return Buffer.concat([Buffer.of(VERSION), iv, ct]);
}

/** @throws DamagedPersonalValue */
export function unwrapKey(master: KeyObject, owner: KeyOwner, wrapped: Uint8Array): Buffer {
  const bytes = Buffer.from(wrapped);
  try {
    if (bytes[0] !== VERSION) throw new Error(`unknown version ${bytes[0]}`);
    return decrypt(master, bytes.subarray(1, 1 + IV_BYTES), bytes.subarray(1 + IV_BYTES), boundTo(owner));
  } catch (error) {
    throw new DamagedPersonalValue('The key', owner.subject, owner.purpose, { cause: error });
  }
}
