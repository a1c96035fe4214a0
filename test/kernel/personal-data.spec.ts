import fc from 'fast-check';
import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Type from 'typebox';
import { AesPersonalData } from '#src/kernel/personal-data/aes-personal-data';
import {
  DamagedPersonalValue,
  ERASED,
  InvalidPersonalValue,
  KeyStore,
  KeyStoreUnavailable,
  PersonalKeyMissing,
  personalKind,
  SubjectErased,
  type Sealed,
} from '#src/kernel/personal-data/personal';
import { SqliteKeyStore } from '#src/kernel/personal-data/sqlite-key-store';
import { Secrets } from '#src/kernel/secrets';

const Note = personalKind('note', Type.Unknown());
const Email = personalKind('email', Type.String({ minLength: 3 }));
const Phone = personalKind('phone', Type.String());
const Address = personalKind(
  'address',
  Type.Object({ street: Type.String(), floor: Type.Optional(Type.Integer()) }, { additionalProperties: false }),
);
const ann = { subject: 'ann', purpose: 'profile' };
const bob = { subject: 'bob', purpose: 'profile' };

describe('personal data', () => {
  const masterKey = createSecretKey(randomBytes(32));
  let folder: string;
  let now: number;
  let keys: SqliteKeyStore;
  let personalData: AesPersonalData;
  const opened: SqliteKeyStore[] = [];

  const openKeys = async (name = 'keys.db') => {
    const store = await SqliteKeyStore.open({ file: join(folder, name) });
    opened.push(store);
    return store;
  };
  const over = (store: KeyStore, cachedKeys?: number) =>
    new AesPersonalData(store, masterKey, { cachedKeys, monotonicMs: () => now });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chronocart-personal-'));
    now = 0;
    keys = await openKeys();
    personalData = over(keys);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await rm(folder, { recursive: true });
  });

  describe('sealing', () => {
    it('opens what was sealed, whatever it is (property)', async () => {
      await fc.assert(
        fc.asyncProperty(fc.jsonValue(), fc.string(), fc.string(), async (value, subject, purpose) => {
          const sealed = await personalData.seal(Note, { subject, purpose }, value);
          const stored = JSON.parse(JSON.stringify(sealed)) as Sealed<'note'>;
          expect(await personalData.open(Note, stored)).toEqual(JSON.parse(JSON.stringify(value)));
        }),
        { numRuns: 60 },
      );
    });

    it('never shows the plain value, whole or in its bytes (property)', async () => {
      await fc.assert(
        fc.asyncProperty(fc.string({ minLength: 8, unit: 'grapheme' }), async (text) => {
          const sealed = await personalData.seal(Email, ann, text);
          expect(JSON.stringify(sealed)).not.toContain(text);
          expect(Buffer.from(sealed.ct, 'base64').includes(Buffer.from(text, 'utf8'))).toBe(false);
        }),
      );
    });

    it('makes an envelope of six members, with an iv of its own', async () => {
      const sealed = await personalData.seal(Email, ann, 'ann@example.com');
      expect(sealed).toEqual({
        v: 1,
        subject: 'ann',
        purpose: 'profile',
        kind: 'email',
        iv: expect.stringMatching(/^[\w+/]{16}$/),
        ct: expect.stringMatching(/^[\w+/]+=*$/),
      });
      const again = await personalData.seal(Email, ann, 'ann@example.com');
      expect(again.iv).not.toBe(sealed.iv);
      expect(again.ct).not.toBe(sealed.ct);
    });

    it('refuses a value that is not of its kind, without repeating it', async () => {
      const values = [{ street: 5 }, { street: 'Elm', city: 'Oslo' }, null, undefined, 'Elm Street 5'] as never[];
      for (const value of values) {
        const refused = personalData.seal(Address, ann, value);
        await expect(refused).rejects.toThrow(InvalidPersonalValue);
        await expect(refused).rejects.not.toThrow(/Elm|Oslo|city/);
      }
      expect(await keys.find('ann', 'profile')).toBeNull();
    });

    it('does not open to a value that is not of its kind as it is now', async () => {
      const sealed = await personalData.seal(personalKind('address', Type.Unknown()), ann, { street: 5 });
      await expect(personalData.open(Address, sealed)).rejects.toThrow(InvalidPersonalValue);
    });

    it('leaves out members that are undefined', async () => {
      const sealed = await personalData.seal(Address, ann, { street: 'Elm', floor: undefined });
      expect(await personalData.open(Address, sealed)).toStrictEqual({ street: 'Elm' });
    });

    it('stores the key before it answers, one for all who seal at once', async () => {
      const others = [personalData, over(await openKeys()), over(await openKeys())];
      const sealed = await Promise.all(
        Array.from({ length: 60 }, (_, i) => others[i % 3]!.seal(Email, ann, `ann-${i}@example.com`)),
      );
      const reader = over(await openKeys());
      for (const [i, envelope] of sealed.entries()) {
        expect(await reader.open(Email, envelope)).toBe(`ann-${i}@example.com`);
      }
    });

    it('needs no more memory than it was given', async () => {
      const frugal = over(keys, 2);
      const sealed = await Promise.all(
        Array.from({ length: 10 }, (_, i) => frugal.seal(Note, { subject: `s${i}`, purpose: 'profile' }, i)),
      );
      for (const [i, envelope] of sealed.entries()) expect(await frugal.open(Note, envelope)).toBe(i);
    });
  });

  describe('an envelope that was altered', () => {
    it('does not open, whichever member it is', async () => {
      const sealed = await personalData.seal(Email, ann, 'ann@example.com');
      const others = await personalData.seal(Email, bob, 'bob@example.com');
      await personalData.seal(Email, { subject: 'ann', purpose: 'order:1' }, 'ann@example.com');

      const altered: Record<keyof Sealed, unknown>[] = [
        { ...sealed, v: 2 },
        { ...sealed, v: '1' },
        { ...sealed, subject: 'bob' },
        { ...sealed, purpose: 'order:1' },
        { ...sealed, iv: others.iv },
        { ...sealed, iv: '' },
        { ...sealed, iv: `${sealed.iv}\n` },
        { ...sealed, ct: others.ct },
        { ...sealed, ct: '' },
        { ...sealed, ct: sealed.ct.slice(0, -4) },
        { ...sealed, ct: `${sealed.ct} ` },
        { ...sealed, ct: `${sealed.ct.slice(0, 8)}-_${sealed.ct.slice(8)}` },
        { ...sealed, ct: `${sealed.ct.slice(0, 8)}\n${sealed.ct.slice(8)}` },
      ];
      for (const envelope of altered) {
        await expect(personalData.open(Email, envelope as never)).rejects.toThrow(DamagedPersonalValue);
      }
      const asPhone = { ...sealed, kind: 'phone' } as const;
      await expect(personalData.open(Phone, asPhone)).rejects.toThrow(DamagedPersonalValue);
      await expect(personalData.open(Phone, sealed as never)).rejects.toThrow('of kind email was opened as phone');
    });

    it('does not open with a single bit turned (property)', async () => {
      const sealed = await personalData.seal(Email, ann, 'ann@example.com');
      await fc.assert(
        fc.asyncProperty(fc.constantFrom('iv', 'ct'), fc.nat(), fc.nat(7), async (member, at, bit) => {
          const bytes = Buffer.from(sealed[member], 'base64');
          bytes[at % bytes.length]! ^= 1 << bit;
          const turned = { ...sealed, [member]: bytes.toString('base64') };
          await expect(personalData.open(Email, turned)).rejects.toThrow(DamagedPersonalValue);
        }),
      );
    });

    it('cannot be told apart by where its parts were cut', async () => {
      const sealed = await personalData.seal(Email, { subject: 'a', purpose: 'bc' }, 'ann@example.com');
      const key = (await keys.find('a', 'bc')) as Uint8Array;
      await keys.add('ab', 'c', key);
      const moved = { ...sealed, subject: 'ab', purpose: 'c' };
      await expect(personalData.open(Email, moved)).rejects.toThrow(DamagedPersonalValue);
    });

    it('does not open with the key of someone else, or under another secret', async () => {
      const sealed = await personalData.seal(Email, ann, 'ann@example.com');
      const elsewhere = await openKeys('elsewhere.db');
      await elsewhere.add('bob', 'profile', (await keys.find('ann', 'profile')) as Uint8Array);
      await expect(over(elsewhere).open(Email, { ...sealed, subject: 'bob' })).rejects.toThrow(DamagedPersonalValue);
      await expect(over(elsewhere).seal(Email, bob, 'bob@example.com')).rejects.toThrow(DamagedPersonalValue);
      const stranger = new AesPersonalData(keys, createSecretKey(randomBytes(32)));
      await expect(stranger.open(Email, sealed)).rejects.toThrow(DamagedPersonalValue);
    });
  });

  describe('an erased key', () => {
    it('makes its values ERASED, and leaves all others', async () => {
      const profile = await personalData.seal(Email, ann, 'ann@example.com');
      const order = await personalData.seal(Email, { subject: 'ann', purpose: 'order:1' }, 'ann@example.com');
      await keys.erase('ann', 'profile');
      now += 500;
      expect(await personalData.open(Email, profile)).toBe(ERASED);
      expect(await personalData.open(Email, order)).toBe('ann@example.com');
      await expect(personalData.seal(Email, ann, 'ann@example.com')).rejects.toThrow(SubjectErased);
      expect(await keys.find('ann', 'profile')).toBe('erased');
    });

    it('is forgotten within a second by every instance', async () => {
      const elsewhere = over(await openKeys());
      const sealed = await elsewhere.seal(Email, ann, 'ann@example.com');
      now += 400;
      expect(await elsewhere.open(Email, sealed)).toBe('ann@example.com');

      await (await openKeys()).erase('ann');
      now += 999;
      expect(await elsewhere.open(Email, sealed)).toBe(ERASED);
      await expect(elsewhere.seal(Email, ann, 'ann@example.com')).rejects.toThrow(SubjectErased);
    });

    it('is not remembered by a look-up that was under way meanwhile', async () => {
      const sealed = await personalData.seal(Email, ann, 'ann@example.com');
      const late = new LateKeyStore(keys);
      const slow = over(late);
      const opening = slow.open(Email, sealed);
      await late.looked;
      await keys.erase('ann');
      now += 500;
      // Another reader makes the instance notice the erasure before the slow answer arrives.
      await expect(slow.open(Email, { ...sealed, subject: 'carl' })).rejects.toThrow(PersonalKeyMissing);
      late.letGo();
      await opening;
      expect(await slow.open(Email, sealed)).toBe(ERASED);
    });

    it('stays erased for a subject that never had one', async () => {
      await keys.erase('ann', 'profile');
      await expect(personalData.seal(Email, ann, 'ann@example.com')).rejects.toThrow(SubjectErased);
    });
  });

  describe('a missing key', () => {
    it('is an error, never an erasure, and is not remembered', async () => {
      const sealed = await personalData.seal(Email, ann, 'ann@example.com');
      const restored = await openKeys('restored.db');
      const reader = over(restored);
      await expect(reader.open(Email, sealed)).rejects.toThrow(PersonalKeyMissing);
      expect(await restored.find('ann', 'profile')).toBeNull();

      await restored.add('ann', 'profile', (await keys.find('ann', 'profile')) as Uint8Array);
      expect(await reader.open(Email, sealed)).toBe('ann@example.com');
    });

    it('is an error too while the key store is away, also for keys in memory', async () => {
      const sealed = await personalData.seal(Email, ann, 'ann@example.com');
      await keys.close();
      now += 500;
      await expect(personalData.open(Email, sealed)).rejects.toThrow(KeyStoreUnavailable);
      await expect(personalData.seal(Email, ann, 'ann@example.com')).rejects.toThrow(KeyStoreUnavailable);
    });

    it('is found again as soon as the key store is back', async () => {
      const away = new LateKeyStore(keys);
      const reader = over(away);
      const sealed = await personalData.seal(Email, ann, 'ann@example.com');
      away.letGo();
      away.down = true;
      await expect(reader.open(Email, sealed)).rejects.toThrow(KeyStoreUnavailable);
      away.down = false;
      expect(await reader.open(Email, sealed)).toBe('ann@example.com');
    });
  });

  it('opens what earlier releases stored', async () => {
    const { masterKey } = Secrets.from('golden-9fJ2vK7qLw0ZrT5xYb8NcE3hUd6GsA1m');
    const wrapped = Buffer.from(GOLDEN.wrapped, 'base64');
    await keys.add('0190a000-0000-7000-8000-000000000001', 'profile', wrapped);
    const golden = new AesPersonalData(keys, masterKey);
    expect(await golden.open(Address, GOLDEN.sealed)).toEqual({ street: 'Rue de l’Été 7', floor: 3 });
  });
});

/** A key store whose look-ups of ann answer late: what they found before waits until it is let go. */
class LateKeyStore extends KeyStore {
  down = false;
  private sayLooked!: () => void;
  letGo!: () => void;
  readonly looked = new Promise<void>((resolve) => (this.sayLooked = resolve));
  private readonly gate = new Promise<void>((resolve) => (this.letGo = resolve));

  constructor(private readonly keys: KeyStore) {
    super();
  }

  override async find(subject: string, purpose: string) {
    const found = await this.keys.find(subject, purpose);
    if (subject !== 'ann') return found;
    this.sayLooked();
    await this.gate;
    return found;
  }
  override add(subject: string, purpose: string, wrapped: Uint8Array) {
    return this.keys.add(subject, purpose, wrapped);
  }
  override erase(subject: string, purpose?: string) {
    return this.keys.erase(subject, purpose);
  }
  override assignedTo(): Promise<string | null> {
    return this.keys.assignedTo();
  }

  override assignTo(storeId: string): Promise<void> {
    return this.keys.assignTo(storeId);
  }

  override async erasures() {
    if (this.down) throw new KeyStoreUnavailable('The key store is away.');
    return this.keys.erasures();
  }
  override close() {
    return this.keys.close();
  }
}

const GOLDEN = {
  wrapped: 'AcGRxz3C5hyLchvApfHHA3px+X55CLhbyWuAkZi7AZ75X8FyNZ6yzVJMptXdBPESsRHsGwHPYS3rriMH+w==',
  sealed: {
    v: 1,
    subject: '0190a000-0000-7000-8000-000000000001',
    purpose: 'profile',
    kind: 'address',
    iv: 'jQWFbDPSkQtvhL20',
    ct: '6L6zawPx9hbcnPhVWaJg2zXnQhGLHFaKi3b+DvPsBi91CXkcA0Uk7ggYSpvhRhXAyLQGqK9agdEi',
  } as const,
};
