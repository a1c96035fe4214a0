import Type, { type Static, type TObject, type TSchema, type TUnsafe } from 'typebox';

/**
 * A personal value as it is stored everywhere: AES-256-GCM under the key of a subject and a purpose. `v`, `subject`,
 * `purpose` and `kind` are authenticated, its place is not, so that it is copied unopened from event to event.
 */
export interface Sealed<K extends string = string> {
  readonly v: 1;
  /** Id of the person (account or guest). */
  readonly subject: string;
  /** `profile`, `order:<id>`, `invoice:<year>`: what the key is for; erased together. */
  readonly purpose: string;
  /** Name of the schema of the value. */
  readonly kind: K;
  /** base64, 12 bytes. */
  readonly iv: string;
  /** base64: ciphertext and 16 bytes of tag. */
  readonly ct: string;
}

/** A kind of personal value: its name and the schema of the plain value. */
export interface PersonalKind<K extends string = string, S extends TSchema = TSchema> {
  readonly kind: K;
  readonly schema: S;
}

export const personalKind = <K extends string, S extends TSchema>(kind: K, schema: S): PersonalKind<K, S> => ({
  kind,
  schema,
});

/** The plain value of a kind. */
export type PlainOf<P> = P extends PersonalKind<string, infer S> ? Static<S> : never;

const envelope = <K extends string>(kind: K): TObject =>
  Type.Object(
    {
      v: Type.Literal(1),
      subject: Type.String(),
      purpose: Type.String(),
      kind: Type.Literal(kind),
      iv: Type.String(),
      ct: Type.String(),
    },
    { additionalProperties: false, personal: kind },
  );

/** Marks a field of an event as personal: it is stored as an envelope, never in the clear. */
export const Personal = <K extends string, S extends TSchema>(personal: PersonalKind<K, S>): TUnsafe<Sealed<K>> =>
  Type.Unsafe<Sealed<K>>(envelope(personal.kind));

/** What opening a value gives when its key was erased. */
export const ERASED = Symbol('erased');
export type Erased = typeof ERASED;

/** How a value gets into its envelope. */
export type Sealing = <K extends string, S extends TSchema>(
  kind: PersonalKind<K, S>,
  owner: { subject: string; purpose: string },
  value: Static<S>,
) => Promise<Sealed<K>>;

/** Seals and opens personal values. Only the HTTP edge, the mailer and the PDF writer open. */
export abstract class PersonalData {
  /**
   * The key is stored durably before this resolves. @throws SubjectErased when the key of subject and purpose was erased.
   * @throws InvalidPersonalValue when the value does not match the schema of its kind
   * @throws KeyStoreUnavailable (503)
   */
  abstract readonly seal: Sealing;

  /**
   * An empty envelope, for a decision that is only tried: it makes no key, and nothing of the value is in it.
   * @throws InvalidPersonalValue when the value does not match the schema of its kind
   */
  abstract readonly draft: Sealing;

  /**
   * The plain value, or ERASED. @throws PersonalKeyMissing (503) when there is neither a key nor its tombstone.
   * @throws DamagedPersonalValue when a member was altered, or key and envelope do not belong together
   * @throws KeyStoreUnavailable (503)
   */
  abstract open<K extends string, S extends TSchema>(
    kind: PersonalKind<K, S>,
    sealed: Sealed<K>,
  ): Promise<Static<S> | Erased>;
}

/**
 * Key store port: keys by subject and purpose, wrapped by the master key. A tombstone is for ever.
 * Every method throws KeyStoreUnavailable when the store can't be reached or can't write now; repeating it is safe.
 */
export abstract class KeyStore {
  /** The wrapped key; 'erased'; or null when there never was one. */
  abstract find(subject: string, purpose: string): Promise<Uint8Array | 'erased' | null>;
  /** Stores `wrapped` durably unless there is a key or a tombstone already; answers what is stored then. */
  abstract add(subject: string, purpose: string, wrapped: Uint8Array): Promise<Uint8Array | 'erased'>;
  /**
   * Replaces the keys of the subject (of one purpose, or all that it has) by tombstones. A stated purpose gets its tombstone
   * even where there never was a key, so that a key on its way cannot come after. Once this resolves, nothing of the wrapped
   * keys is left in the store's files.
   */
  abstract erase(subject: string, purpose?: string): Promise<void>;
  /** Grows with every erasure, by whichever process: caches drop what they hold when it moves. */
  abstract erasures(): Promise<number>;
  /** The store whose keys these are, as `assignTo` was told last; null: nobody has said it yet. */
  abstract assignedTo(): Promise<string | null>;
  abstract assignTo(storeId: string): Promise<void>;
  abstract close(): Promise<void>;
}

/** Sealing under a key that was erased: the person is gone and does not come back by accident. */
export class SubjectErased extends Error {
  constructor(subject: string, purpose: string) {
    super(`The key of ${subject} for ${purpose} was erased.`);
    this.name = 'SubjectErased';
  }
}

/** Neither a key nor a tombstone: the key store is incomplete or away. Never taken for an erasure. */
export class PersonalKeyMissing extends Error {
  constructor(subject: string, purpose: string) {
    super(`The key store holds neither a key nor a tombstone of ${subject} for ${purpose}.`);
    this.name = 'PersonalKeyMissing';
  }
}

/** The key store can't be reached or can't write now (locked, disk full, down). The same call again is safe. */
export class KeyStoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeyStoreUnavailable';
  }
}

/** A plain value does not match the schema of its kind: a defect of the caller. Says where, never what: logs are not sealed. */
export class InvalidPersonalValue extends Error {
  constructor(kind: string, errors: Iterable<{ keyword: string; schemaPath: string }>) {
    const places = [...errors].map(({ keyword, schemaPath }) => `${keyword} at ${schemaPath}`);
    super(`A personal value is not a valid ${kind}: ${places.join(', ')}.`);
    this.name = 'InvalidPersonalValue';
  }
}

/** An envelope or a wrapped key does not open: it was altered, or it was made with another secret. */
export class DamagedPersonalValue extends Error {
  constructor(what: string, subject: string, purpose: string, options?: ErrorOptions) {
    super(`${what} of ${subject} for ${purpose} was altered, or was made with another secret.`, options);
    this.name = 'DamagedPersonalValue';
  }
}
