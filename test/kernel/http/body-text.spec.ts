import { textOf } from '#src/kernel/http/body-text';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('the text of a body', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'application/json;charset="UTF-8"', undefined])(
    'is UTF-8: %s',
    (contentType) => {
      expect(textOf(Buffer.from('{"name":"Jörg"}'), contentType)).toBe('{"name":"Jörg"}');
    },
  );

  it('may begin with a byte order mark', () => expect(textOf(bytes(0xef, 0xbb, 0xbf, 0x31))).toBe('1'));

  it.each([
    ['Latin-1', bytes(0x22, 0xf6, 0x22)],
    ['half a character', bytes(0x22, 0xe2, 0x82)],
    ['a surrogate', bytes(0xed, 0xa0, 0x80)],
    ['more bytes than a character needs', bytes(0xc0, 0xaf)],
  ])('is refused when it is %s', (_, body) => {
    expect(() => textOf(body, 'application/json')).toThrow(expect.objectContaining({ code: 'json-invalid' }) as Error);
  });

  it.each(['application/json; charset=iso-8859-1', 'application/json;charset=utf-16'])('is refused as %s', (type) => {
    expect(() => textOf(bytes(0x31), type)).toThrow(
      expect.objectContaining({ code: 'media-type-unsupported' }) as Error,
    );
  });
});
