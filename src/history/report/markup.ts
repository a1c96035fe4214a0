/** Text of HTML or SVG: whatever stands in it is escaped already. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What a template takes: texts are escaped, `null` is nothing. */
export type Part = string | number | null | Markup | readonly Markup[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For the content of elements and for values of attributes in quotation marks. */
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);

const textOf = (part: Part): string => {
  if (part === null) return '';
  if (part instanceof Markup) return part.text;
  return typeof part === 'object' ? part.map(({ text }) => text).join('\n') : escaped(String(part));
};

/** markup`<b>${name}</b>`: names come from sellers, and may hold anything. */
export const markup = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(strings.map((text, n) => text + textOf(parts[n] ?? null)).join(''));
