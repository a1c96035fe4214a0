import { normaliseEmail } from '#src/kernel/normalise';
import { claimedSpelling, emailAddress, possibleSpellings } from '#src/kernel/text/email-address';

describe('an e-mail address', () => {
  it.each([
    ['b@münchen.de', 'b@münchen.de'],
    ['b@xn--mnchen-3ya.de', 'b@münchen.de'],
    ['B@XN--MNCHEN-3YA.de ', 'b@münchen.de'],
    ['b@MU\u0308NCHEN.de', 'b@münchen.de'],
    ['b@mail.xn--mnchen-3ya.de', 'b@mail.münchen.de'],
    ['b@straße.de', 'b@straße.de'],
    ['b@xn--strae-oqa.de', 'b@straße.de'],
  ])('%s is claimed as %s', (address, spelling) => {
    expect(claimedSpelling(address)).toBe(spelling);
    expect(claimedSpelling(spelling)).toBe(spelling);
  });

  it.each([
    'ada@example.org',
    ' Ada+x@Example.org',
    'a@b_c.example',
    'a@ex%61mple.org',
    'a@1.2',
    '@',
    '',
    'a',
    'ä@example.org',
  ])('of a plain domain is claimed as it always was: %j', (address) => {
    expect(claimedSpelling(address)).toBe(normaliseEmail(address));
    expect(possibleSpellings(address)).toEqual([normaliseEmail(address)]);
  });

  it('may have been claimed as it was written, and under either spelling of its domain', () => {
    expect(possibleSpellings('b@xn--mnchen-3ya.de')).toEqual(['b@xn--mnchen-3ya.de', 'b@münchen.de']);
    expect(possibleSpellings('B@München.de')).toEqual(['b@münchen.de', 'b@xn--mnchen-3ya.de']);
  });

  it('of a domain that is none is looked for as it was written', () =>
    expect(possibleSpellings('b@xn--a.de')).toEqual(['b@xn--a.de']));

  it.each([
    'ada@example.org',
    'b@münchen.de',
    'почта@пример.рф',
    'βήτα@example.gr',
    'почта@example.org',
    '李@example.cn',
    '"a"@b.de',
  ])('is taken: %s', (address) => expect(emailAddress.complaint(emailAddress.normalise(address))).toBeNull());

  it.each([
    ['\u0430dmin@chronocart.local', 'must not mix letters of scripts that look alike'],
    ['admin@chronoc\u0430rt.local', 'must not mix letters of scripts that look alike'],
    ['admin@xn--chronocrt-6yh.local', 'must not mix letters of scripts that look alike'],
    ['a\u200bb@example.org', 'must not contain blanks or characters that are not seen'],
    ['ab@exam\u00adple.org', 'must not contain blanks or characters that are not seen'],
    ['a b@example.org', 'must not contain blanks or characters that are not seen'],
    ['\u202eab@example.org', 'must not contain blanks or characters that are not seen'],
    ['ab@xn--a.org', 'must have the name of a domain behind the @'],
  ])('is refused: %j', (address, complaint) => expect(emailAddress.complaint(address)).toBe(complaint));
});
