import { textOf } from '#src/kernel/http/body-text';

const refusal = (body: Buffer, contentType?: string) => {
  try {
    textOf(body, contentType);
  } catch (error) {
    return error;
  }
  throw new Error('It was not refused.');
};

describe('the text of a body', () => {
  it.each([
    undefined,
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/merge-patch+json; Charset = utf8',
  ])('is UTF-8: %s', (contentType) => {
    expect(textOf(Buffer.from('{"name":"Jörg 京 😀"}'), contentType)).toBe('{"name":"Jörg 京 😀"}');
  });

  it.each([
    ['Latin-1', Buffer.from('{"name":"Jörg"}', 'latin1')],
    ['UTF-16 with its mark', Buffer.from('\ufeff{}', 'utf16le')],
    ['a character that was cut in two', Buffer.from('"😀').subarray(0, 3)],
    ['an overlong form', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['a surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ])('that is none is refused, and not guessed: %s', (_, body) => {
    expect(refusal(body, 'application/json')).toMatchObject({ code: 'json-invalid' });
  });

  it.each(['iso-8859-1', 'utf-16', 'us-ascii', ''])('of another charset is refused: %s', (charset) => {
    expect(refusal(Buffer.from('{}'), `application/json; charset=${charset}`)).toMatchObject({
      code: 'media-type-unsupported',
    });
  });
});
