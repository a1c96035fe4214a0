import { hash } from '@node-rs/argon2';
import { commonPasswords } from '#src/accounts/common-passwords';
import { MIN_PASSWORD, Passwords } from '#src/accounts/passwords';

const passwords = new Passwords();

describe('passwords', () => {
  it('are stored as Argon2id, with the parameters that OWASP asks for, and never twice alike', async () => {
    const [one, other] = await Promise.all([
      passwords.hash('correct horse', 'registrations'),
      passwords.hash('correct horse', 'registrations'),
    ]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
  });

  it('match themselves and nothing else', async () => {
    const hashed = await passwords.hash('correct horse', 'registrations');
    expect(await passwords.verify(hashed, 'correct horse', 'log-ins')).toBe(true);
    expect(await passwords.verify(hashed, 'Correct horse', 'log-ins')).toBe(false);
    expect(await passwords.verify(hashed, 'correct horse ', 'log-ins')).toBe(false);
  });

  it('are the same on every keyboard, whatever form it types accents in', async () => {
    const hashed = await passwords.hash('r\u00e9sum\u00e9 und \ufb01n', 'registrations');
    expect(await passwords.verify(hashed, 're\u0301sume\u0301 und fin', 'log-ins')).toBe(true);
    expect(await passwords.verify(hashed, 'resume und fin', 'log-ins')).toBe(false);
    expect(() => passwords.assertAcceptable('\uff50assword123', 'ann@example.com')).toThrow();
  });

  it('that the first release hashed as they were typed are right as they are typed', async () => {
    const typed = 're\u0301sume\u0301 und so';
    const hashed = await hash(typed);
    expect(await passwords.verify(hashed, typed, 'log-ins')).toBe(true);
    expect(await passwords.verify(hashed, `${typed}!`, 'log-ins')).toBe(false);
  });

  it('count to their last character, however long and of whatever script', async () => {
    const long = `${'長'.repeat(255)}a`;
    const hashed = await passwords.hash(long, 'registrations');
    expect(await passwords.verify(hashed, long, 'log-ins')).toBe(true);
    expect(await passwords.verify(hashed, `${'長'.repeat(255)}b`, 'log-ins')).toBe(false);
  });

  it('of an account that does not exist are never right', async () => {
    for (const guess of ['', 'correct horse']) expect(await passwords.verify(null, guess, 'log-ins')).toBe(false);
  });

  it.each(['password123', 'PASSWORD123', 'qwertyuiop', 'ann@example.com', 'Ann@Example.com'])(
    'that are tried first are refused: %s',
    (password) =>
      expect(() => passwords.assertAcceptable(password, 'ann@example.com')).toThrow(
        expect.objectContaining({ code: 'password-too-common' }),
      ),
  );

  it.each(['        ', '\0\0\0\0\0\0\0\0', 'aaaaaaab', 'ab ab ab ab', 'Chronocart', 'chronocart1'])(
    'of next to nothing, or the name of the shop, are refused: %j',
    (password) =>
      expect(() => passwords.assertAcceptable(password, 'ann@example.com')).toThrow(
        expect.objectContaining({ code: 'password-too-common' }),
      ),
  );

  it('that nobody tries first need no digits and no signs', () =>
    expect(() => passwords.assertAcceptable('correct horse battery staple', 'ann@example.com')).not.toThrow());

  it('that wait are refused when too many do, and the others are all looked at', async () => {
    const hashed = await passwords.hash('correct horse', 'registrations');
    const asked = Array.from({ length: 110 }, () => passwords.verify(hashed, 'correct horse', 'log-ins'));
    const answers = await Promise.allSettled(asked);
    const refused = answers.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused).toHaveLength(8);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'passwords-busy' });
    expect(await passwords.verify(hashed, 'correct horse', 'log-ins')).toBe(true);
  });
});

describe('the list of common passwords', () => {
  it('is in lower case, and has none that is refused for its length', () => {
    for (const password of commonPasswords) {
      expect(password).toBe(password.toLowerCase());
      expect(password.length).toBeGreaterThanOrEqual(MIN_PASSWORD);
    }
    expect(commonPasswords.size).toBeGreaterThan(200);
  });
});
