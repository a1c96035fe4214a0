import { join } from 'node:path';
import { RuleTester } from 'eslint';
import tseslint from 'typescript-eslint';
import { heardPromises } from '../../scripts/lint/heard-promises.mjs';

/** Code is looked at as if it stood in this file: the rule asks what types it has. */
const filename = __filename;
const DECLARED = `
declare function parse(text: string): number;
declare function begin(n: number): Promise<string>;
declare function look(n: number): string;
async function find(n: number): Promise<string> { return String(n); }
declare const texts: string[];
declare const numbers: number[];
`;
const heard = (code: string) => ({
  name: code,
  code: `${DECLARED} export async function run() { ${code} }`,
  filename,
});
const unheard = (messageId: string, code: string) => ({ ...heard(code), errors: [{ messageId }] });

RuleTester.describe = describe;
RuleTester.it = it;

new RuleTester({
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: { projectService: true, tsconfigRootDir: join(__dirname, '..', '..') },
  },
}).run('heard-promises', heardPromises, {
  valid: [
    heard(`return Promise.all(texts.map(async (text) => begin(parse(text))));`),
    heard(`return Promise.all(numbers.map((n) => find(n)));`),
    heard(`return Promise.all([parse('a'), parse('b')].map((n) => find(n)));`),
    heard(`return texts.map((text) => look(parse(text)));`),
    heard(`const underWay = [{ ended: find(1) }]; return Promise.all(underWay.map(({ ended }) => ended));`),
    heard(`const n = parse('a'); return Promise.all([begin(1), begin(n)]);`),
    heard(`return Promise.all([begin(parse('a')), begin(2)]);`),
    heard(`const other = look as unknown as { begin(): Promise<void> } | null; return [begin(1), other?.begin()];`),
    heard(`return [look(1), look(parse('a'))];`),
    heard(`const first = begin(1); const both = await Promise.all([first, begin(2)]); look(1); return both;`),
    heard(`const first = await begin(1); look(1); return first;`),
    heard(`const first = begin(1); first.catch(() => undefined); look(1); return first;`),
  ],
  invalid: [
    // What ended the shop.
    unheard('callback', `return Promise.all(texts.map((text) => find(parse(text))));`),
    unheard('callback', `const all = texts.map((text) => find(parse(text))); return Promise.all(all);`),
    unheard('callback', `return Promise.all(numbers.map((n) => begin(n)));`),
    unheard('callback', `return Promise.all(Array.from(texts, (text) => { const n = parse(text); return find(n); }));`),
    unheard('callback', `return Promise.all(texts.map((text) => (text ? find(parse(text)) : undefined)));`),
    unheard('list', `return Promise.all([begin(1), begin(parse('a'))]);`),
    unheard('list', `return Promise.all([begin(1), look(2)]);`),
    unheard('list', `return Promise.all([begin(1), ...texts.map(async (text) => begin(parse(text)))]);`),
    unheard('kept', `const first = begin(1); const n = parse('a'); return Promise.all([first, begin(n)]);`),
    unheard('kept', `const both = Promise.all([begin(1), begin(2)]); look(1); return both;`),
    unheard('kept', `const first = begin(1); await begin(2); await first;`),
  ],
});
