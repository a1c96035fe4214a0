import { pseudonymousText, withPseudonyms } from '#src/history/export/pseudonyms';
import type { JsonObject } from '#src/kernel/json';
import { SEALED } from './sample-log';

const { v, subject, purpose, kind, iv, ct } = SEALED;
const PSEUDONYM = { pseudonym: subject, purpose, kind };

describe('a text in which pseudonyms stand for what is sealed', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['wherever it is', { to: SEALED, list: [{ deep: SEALED }, 1] }, { to: PSEUDONYM, list: [{ deep: PSEUDONYM }, 1] }],
    ['in whatever order its members are', { to: { ct, iv, kind, purpose, subject, v } }, { to: PSEUDONYM }],
    [
      'whatever its members hold',
      { to: { ...SEALED, subject: '"a\\"}', purpose: '{"v":1' } },
      { to: { ...PSEUDONYM, pseudonym: '"a\\"}', purpose: '{"v":1' } },
    ],
  ])('replaces an envelope %s', (_, value, expected) => {
    expect(pseudonymousText(value)).toBe(JSON.stringify(expected));
  });

  it.each<[string, JsonObject]>([
    ['has a member more', { to: { ...SEALED, extra: 1 } }],
    ['is of another version', { to: { ...SEALED, v: 2 } }],
    ['is only spoken of', { note: JSON.stringify(SEALED), more: `{"v":1,"subject":"` }],
  ])('leaves alone what %s', (_, value) => {
    expect(pseudonymousText(value)).toBe(JSON.stringify(value));
    expect(withPseudonyms(value)).toEqual(value);
  });
});
