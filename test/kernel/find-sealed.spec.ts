import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Type from 'typebox';
import { AesPersonalData } from '#src/kernel/personal-data/aes-personal-data';
import { findSealed, isSealed, openAll, personalKinds } from '#src/kernel/personal-data/find-sealed';
import { personalKind, PersonalKeyMissing, type Sealed } from '#src/kernel/personal-data/personal';
import { SqliteKeyStore } from '#src/kernel/personal-data/sqlite-key-store';

const Email = personalKind('email', Type.String());
const Address = personalKind('address', Type.Object({ street: Type.String() }));
const kinds = personalKinds(Email, Address);

describe('envelopes in documents', () => {
  let folder: string;
  let keys: SqliteKeyStore;
  let personalData: AesPersonalData;
  let email: Sealed<'email'>;
  let address: Sealed<'address'>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chronocart-sealed-'));
    keys = await SqliteKeyStore.open({ file: join(folder, 'keys.db') });
    personalData = new AesPersonalData(keys, createSecretKey(randomBytes(32)));
    email = await personalData.seal(Email, { subject: 'ann', purpose: 'profile' }, 'ann@example.com');
    address = await personalData.seal(Address, { subject: 'ann', purpose: 'order:1' }, { street: 'Elm 5' });
  });
  afterEach(async () => {
    await keys.close();
    await rm(folder, { recursive: true });
  });

  it('are found wherever they are', () => {
    expect(findSealed(email)).toEqual([email]);
    expect(findSealed({ a: [{ to: address }, 1, null, 'x'], email, more: { deep: [[address]] } })).toEqual([
      address,
      email,
      address,
    ]);
    expect(findSealed({ nothing: ['here', { v: 1 }] })).toEqual([]);
    expect(findSealed(null)).toEqual([]);
  });

  it('are objects with just the members of an envelope', () => {
    expect(isSealed(email)).toBe(true);
    for (const member of Object.keys(email)) {
      expect(isSealed({ ...email, [member]: 5 })).toBe(false);
      expect(isSealed(Object.fromEntries(Object.entries(email).filter(([name]) => name !== member)))).toBe(false);
    }
    expect(isSealed({ ...email, more: 1 })).toBe(false);
    for (const value of [null, undefined, 'v', 1, []]) expect(isSealed(value)).toBe(false);
  });

  it('are opened together, and the document stays as it is', async () => {
    const document = { id: 'o1', contacts: [{ email }, { email: null }], to: address, total: 5 };
    const before = structuredClone(document);
    const opened = await openAll(personalData, document, kinds);
    const street: string | undefined = opened.to?.street;
    expect(street).toBe('Elm 5');
    expect(opened).toEqual({
      id: 'o1',
      contacts: [{ email: 'ann@example.com' }, { email: null }],
      to: { street: 'Elm 5' },
      total: 5,
    });
    expect(document).toEqual(before);
  });

  it('become null when their key was erased', async () => {
    await keys.erase('ann', 'profile');
    const fresh = new AesPersonalData(keys, createSecretKey(randomBytes(32)));
    expect(await openAll(fresh, { list: [email, email], other: 1 }, kinds)).toEqual({ list: [null, null], other: 1 });
  });

  it('fail as a whole when a key is missing or a kind is unknown', async () => {
    const strangers = { ...email, subject: 'carl' };
    await expect(openAll(personalData, { email, strangers }, kinds)).rejects.toThrow(PersonalKeyMissing);
    await expect(openAll(personalData, { address }, personalKinds(Email))).rejects.toThrow('address is not declared');
    expect(() => personalKinds(Email, personalKind('email', Type.Number()))).toThrow('declared twice');
  });

  it('leave what surrounds them alone, whatever it is called', async () => {
    const document = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as object;
    const opened = await openAll(personalData, { document, email }, kinds);
    expect(JSON.stringify(opened.document)).toBe('{"__proto__":{"polluted":true},"constructor":1}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
