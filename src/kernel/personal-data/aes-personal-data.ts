import type { KeyObject } from 'node:crypto';
import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { lengthPrefixed } from '../length-prefixed';
import { decrypt, encrypt } from './aes-gcm';
import { KeyCache } from './key-cache';
import {
  DamagedPersonalValue,
  ERASED,
  InvalidPersonalValue,
  PersonalData,
  PersonalKeyMissing,
  SubjectErased,
  type Erased,
  type KeyStore,
  type PersonalKind,
  type Sealed,
  type Sealing,
} from './personal';

/** Members of an envelope that are authenticated with its value. What is stored depends on their order: it never changes. */
const boundTo = ({ v, subject, purpose, kind }: Omit<Sealed, 'iv' | 'ct'>): Buffer =>
  lengthPrefixed(String(v), subject, purpose, kind);

/**
 * Personal values under AES-256-GCM. Plain values are JSON and are checked against the schema of their kind, both before
 * they are sealed and after they are opened.
 */
export class AesPersonalData extends PersonalData {
  private readonly keys: KeyCache;
  private readonly validators = new WeakMap<TSchema, Validator>();

  /**
   * `cachedKeys`: so many unwrapped keys stay in memory. `monotonicMs`: a clock that never goes back, in milliseconds; by it
   * an erasure made by another process is noticed within half a second.
   */
  constructor(
    store: KeyStore,
    masterKey: KeyObject,
    options: { cachedKeys?: number; monotonicMs?: () => number } = {},
  ) {
    super();
    const { cachedKeys = 10_000, monotonicMs = () => performance.now() } = options;
    this.keys = new KeyCache(store, masterKey, cachedKeys, monotonicMs);
  }

  readonly seal: Sealing = async ({ kind, schema }, { subject, purpose }, value) => {
    const plain = this.plainOf(kind, schema, value);
    const key = await this.keys.findOrCreate({ subject, purpose });
    if (key === 'erased') throw new SubjectErased(subject, purpose);
    const head = { v: 1, subject, purpose, kind } as const;
    const { iv, ct } = encrypt(key, Buffer.from(plain, 'utf8'), boundTo(head));
    return { ...head, iv: iv.toString('base64'), ct: ct.toString('base64') };
  };

  readonly draft: Sealing = async ({ kind, schema }, { subject, purpose }, value) => {
    this.plainOf(kind, schema, value);
    return { v: 1, subject, purpose, kind, iv: '', ct: '' };
  };

  async open<K extends string, S extends TSchema>(
    { kind, schema }: PersonalKind<K, S>,
    sealed: Sealed<K>,
  ): Promise<Static<S> | Erased> {
    const { subject, purpose } = sealed;
    if (sealed.kind !== kind) throw new Error(`A personal value of kind ${sealed.kind} was opened as ${kind}.`);
    const key = await this.keys.find({ subject, purpose });
    if (key === null) throw new PersonalKeyMissing(subject, purpose);
    if (key === 'erased') return ERASED;
    let plain: string;
    try {
      if (sealed.v !== 1) throw new Error(`unknown version ${String(sealed.v)}`);
      plain = decrypt(key, exactBytes(sealed.iv), exactBytes(sealed.ct), boundTo(sealed)).toString('utf8');
    } catch (error) {
      throw new DamagedPersonalValue('A personal value', subject, purpose, { cause: error });
    }
    const value: unknown = JSON.parse(plain);
    this.assertValid(kind, schema, value);
    return value as Static<S>;
  }

  /** As JSON. What is checked is what will be read: JSON drops members that are undefined. */
  private plainOf(kind: string, schema: TSchema, value: unknown): string {
    const plain = JSON.stringify(value);
    this.assertValid(kind, schema, plain === undefined ? undefined : JSON.parse(plain));
    return plain;
  }

  private assertValid(kind: string, schema: TSchema, value: unknown): void {
    let validator = this.validators.get(schema);
    if (!validator) this.validators.set(schema, (validator = Compile(schema)));
    if (!validator.Check(value)) throw new InvalidPersonalValue(kind, validator.Errors(value));
  }
}

/** Bytes of base64 that is spelled as it was written: Node's decoder also passes over what does not belong there. */
function exactBytes(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) throw new Error('not canonical base64');
  return bytes;
}
