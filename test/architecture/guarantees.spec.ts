import { has, texts } from './proofs';

/**
 * docs/guarantees.md: a promise is an item of a list, and below it are its proofs: `` - `<file>` › `<test>` ``, where the test is
 * named as it is written, with the groups around it where the name alone could be another one's.
 */
const PROMISE = /^- (.+)$/;
const PROOF = /^ {2}- `([^`]+)` › `([^`]+)`$/;

const page = (texts.get('docs/guarantees.md') ?? '').split('\n');

interface Promised {
  readonly line: number;
  readonly says: string;
  readonly proofs: { readonly line: number; readonly file: string; readonly test: string }[];
}

const promises: Promised[] = [];
const unread: string[] = [];
for (const [n, text] of page.entries()) {
  const [, says] = PROMISE.exec(text) ?? [];
  const [, file, test] = PROOF.exec(text) ?? [];
  if (says !== undefined) promises.push({ line: n + 1, says, proofs: [] });
  else if (file !== undefined && test !== undefined) promises.at(-1)?.proofs.push({ line: n + 1, file, test });
  else if (text.startsWith(' ')) unread.push(`${n + 1}: ${text}`);
}

const proofs = promises.flatMap(({ proofs }) => proofs);

describe('docs/guarantees.md', () => {
  it('promises something, and every line of it is understood', () => {
    expect(promises.length).toBeGreaterThan(30);
    expect(unread).toEqual([]);
  });

  it('names a proof of every promise', () => {
    expect(promises.filter(({ proofs }) => proofs.length === 0).map(({ line, says }) => `${line}: ${says}`)).toEqual(
      [],
    );
  });

  it('names tests that exist and run', () => {
    const missing = proofs.filter(({ file, test }) => !has(file, test));
    expect(missing.map(({ line, file, test }) => `docs/guarantees.md:${line} ${file} › ${test}`)).toEqual([]);
  });

  it.each([
    ['a file that is not there', 'test/nothing.spec.ts', 'holds'],
    ['a file whose tests nobody runs', 'test/bench/append.ts', 'holds'],
    ['a test that is not in the file', 'test/domain/cart.spec.ts', 'is full of eels'],
    ['a part of a name', 'test/domain/cart.spec.ts', 'a quantity'],
    ['a test of another group', 'test/domain/cart.spec.ts', 'checking out › changes a quantity'],
  ])('could not name %s', (_, file, test) => {
    expect(has('test/domain/cart.spec.ts', 'changing the cart › changes a quantity')).toBe(true);
    expect(has(file, test)).toBe(false);
  });
});
