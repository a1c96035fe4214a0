import { DIRECTION_CONTROLS, withoutIgnorable, withoutInvisible } from './invisible';

/** How a kind of text is spelled, so that what looks alike is one text. */
export interface TextKind {
  /** What it becomes before it is checked and stored; twice is the same as once. */
  readonly normalise: (text: string) => string;
  /** Why a normalised text is refused, as the rest of a sentence (`must be one line`); null: it is taken. */
  readonly complaint: (text: string) => string | null;
}

const CONTROLS = /[\p{Cc}\p{NChar}]/u;
/** Tabs and line breaks are none of them. */
const CONTROLS_IN_LINES = /(?![\t\n])[\p{Cc}\p{NChar}]/u;
const LINE_BREAK = /[\n\v\f\r\u0085\u2028\u2029]/;
const TURNED = new RegExp(`[${DIRECTION_CONTROLS}]`);
/** Isolates end with the paragraph, which a text of lines has; embeddings and overrides are of no use beside them (UAX 9, 2.5). */
const TURNED_IN_LINES = /[\u202a-\u202e]/;
/** U+2800 is a Braille pattern without dots. */
const SEEN = /[^\s\u2800\p{M}\p{Cc}\p{Cf}\p{Cs}\p{DI}]/u;

/** What most texts are made of: nothing of it has a second spelling. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/**
 * Names, streets, brands: one line that can be seen, in one spelling. NFC (UAX 15), one blank between words whatever blanks were sent,
 * none at the ends, and no characters that are not seen but those that a script needs.
 */
export const oneLine: TextKind = {
  normalise: (text) =>
    PLAIN.test(text)
      ? text
      : composed(text)
          .replace(/[\t\p{Zs}]+/gu, ' ')
          .trim(),
  complaint: (text) =>
    LINE_BREAK.test(text) ? 'must be one line of text' : (complaintOf(text, CONTROLS, TURNED) ?? unseen(text)),
};

/** Texts that somebody wrote need one or two; only such as were made for it need more. */
const ROUNDS = 4;

/** In NFC and without needless characters: where one has gone, marks may come together that are ordered and composed anew. */
function composed(text: string): string {
  let now = text.normalize('NFC');
  for (let round = 0; round < ROUNDS; round++) {
    const before = now;
    now = withoutInvisible(before).normalize('NFC');
    if (now === before) return now;
  }
  return withoutIgnorable(now).normalize('NFC');
}

/** Descriptions and notes: NFC, every line break as LF; blanks and characters that are not seen stay where they are. */
export const severalLines: TextKind = {
  normalise: (text) => text.normalize('NFC').replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n'),
  complaint: (text) => complaintOf(text, CONTROLS_IN_LINES, TURNED_IN_LINES) ?? unseen(text),
};

/** What programs read, letter by letter: a question in SQL, the key of a document. Only its ends are trimmed. */
export const exact: TextKind = {
  normalise: (text) => text.trim(),

  complaint: (text) => (/[\x00-\x08\v\f\x0e-\x1f\x7f]/.test(text) ? NO_CONTROLS : null),
};

const NO_CONTROLS = 'must not contain control characters';

function complaintOf(text: string, controls: RegExp, turned: RegExp): string | null {
  if (controls.test(text)) return NO_CONTROLS;
  return turned.test(text) ? 'must not contain characters that turn the direction of writing' : null;
}

/** That a text is empty is for the limit of its length to say. */
const unseen = (text: string): string | null =>
  text === '' || SEEN.test(text) ? null : 'must contain something that can be seen';

/** Code units: no text of a request is so long, in whatever form it is sent, so what is longer is refused for its length. */
const LONGEST = 65_536;

/** Marks in a row beyond what any language needs: sorting them takes time that grows with the square of their number (UAX 15, 13). */
const TOO_MANY_MARKS = /[\p{M}\p{DI}]{31}/u;

const mayNormalise = (text: string): boolean => text.length <= LONGEST && !TOO_MANY_MARKS.test(text);

/** The value with each text in it spelled as its kind is, names of members too. Names that become one leave their object as it is. */
export function spelled(value: unknown, kind: TextKind): unknown {
  if (typeof value === 'string') return mayNormalise(value) ? kind.normalise(value) : value;
  if (Array.isArray(value)) return value.map((item) => spelled(item, kind));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(
    ([name, member]) => [spelled(name, kind) as string, spelled(member, kind)] as const,
  );
  return new Set(members.map(([name]) => name)).size < members.length ? value : Object.fromEntries(members);
}

/** Why a value that was spelled is refused for one of its texts or names; null: it is not. */
export function complaintIn(value: unknown, kind: TextKind): string | null {
  if (typeof value === 'string')
    return TOO_MANY_MARKS.test(value) ? 'must not have more than 30 marks in a row' : kind.complaint(value);
  if (typeof value !== 'object' || value === null) return null;
  const names = Array.isArray(value) ? [] : Object.keys(value);
  if (new Set(names.map((name) => spelled(name, kind))).size < names.length)
    return 'must not have one name in two spellings';
  return first([...names, ...Object.values(value)].map((each) => complaintIn(each, kind)));
}

const first = (complaints: readonly (string | null)[]): string | null =>
  complaints.find((each) => each !== null) ?? null;
