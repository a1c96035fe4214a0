import fc from 'fast-check';
import type { Json } from '#src/kernel/json';
import { differences, isSame, type Difference } from '#src/history/differences';

const line = (lineId: string, quantity = 1) => ({ lineId, quantity });

describe('differences', () => {
  it('are none between values that say the same, whatever the order of their members', () => {
    expect(differences({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toEqual([]);
    expect(differences({ a: 1, gone: undefined }, { a: 1 })).toEqual([]);
  });

  it('name the place of a changed value as a JSON Pointer (RFC 6901)', () => {
    const before = { 'a/b': { 'c~d': [1, 2] }, same: true };
    const after = { 'a/b': { 'c~d': [1, 3] }, same: true };
    expect(differences(before, after)).toEqual([{ op: 'replace', path: '/a~1b/c~0d/1', before: 2, after: 3 }]);
  });

  it('tell what came and what went', () => {
    expect(differences({ old: 1 }, { fresh: { a: [] } })).toEqual([
      { op: 'remove', path: '/old', before: 1 },
      { op: 'add', path: '/fresh', after: { a: [] } },
    ]);
  });

  it('replace the whole where nothing in it can be compared', () => {
    expect(differences(null, { a: 1 })).toEqual([{ op: 'replace', path: '', before: null, after: { a: 1 } }]);
    expect(differences([1], { 0: 1 })).toEqual([{ op: 'replace', path: '', before: [1], after: { 0: 1 } }]);
  });

  it('know a member of a list by its id, wherever it has moved to', () => {
    const before = [line('a'), line('b'), line('c')];
    expect(differences(before, [line('b', 5), line('c')])).toEqual([
      { op: 'remove', path: '/0', before: line('a') },
      { op: 'replace', path: '/0/quantity', before: 1, after: 5 },
    ]);
    expect(differences(before, [line('a'), line('x'), line('b'), line('c', 2)])).toEqual([
      { op: 'add', path: '/1', after: line('x') },
      { op: 'replace', path: '/3/quantity', before: 1, after: 2 },
    ]);
  });

  it('take another id for another thing', () => {
    expect(differences([line('a')], [line('b')])).toEqual([
      { op: 'remove', path: '/0', before: line('a') },
      { op: 'add', path: '/0', after: line('b') },
    ]);
  });

  it('do not look into sealed values, and see that one is another', () => {
    const sealed = { v: 1, subject: 'ann', purpose: 'profile', kind: 'Email', iv: 'AAAA', ct: 'BBBB' };
    const other = { ...sealed, ct: 'CCCC' };
    expect(differences({ email: sealed }, { email: { ...sealed } })).toEqual([]);
    expect(differences({ email: sealed }, { email: other })).toEqual([
      { op: 'replace', path: '/email', before: sealed, after: other },
    ]);
  });

  it('are not fooled by names that every object has', () => {
    expect(differences({}, { constructor: 1 })).toEqual([{ op: 'add', path: '/constructor', after: 1 }]);
    expect(differences({ constructor: 1 }, {})).toEqual([{ op: 'remove', path: '/constructor', before: 1 }]);
  });

  const leaf = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('x', 'y', ''), fc.boolean(), fc.constant(null));
  const thing = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), n: fc.integer({ min: 0, max: 2 }) });
  const value = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(thing, { maxLength: 6 }),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c~/', 'lines'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value;

  it('lead from any value to any other, one after another, as a JSON Patch does (RFC 6902)', () => {
    fc.assert(
      fc.property(value, value, (before, after) => {
        expect(differences(before, after).reduce(applied, before)).toEqual(after);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are none exactly where both say the same', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(isSame(a, structuredClone(a))).toBe(true);
        expect(isSame(a, b)).toBe(equals(a, b));
      }),
      { numRuns: 1_000 },
    );
  });

  it('of long lists that have nothing in common are found in time', () => {
    const list = (from: number) => Array.from({ length: 2_000 }, (_, n) => from + n);
    expect(differences(list(0), list(10_000))).toHaveLength(2_000);
  });
});

/** The value after one operation of a JSON Patch; written for this test alone. */
function applied(value: Json, change: Difference): Json {
  const path = change.path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const root = { root: structuredClone(value) } as Record<string, unknown>;
  let parent: Record<string, unknown> | unknown[] = root;
  let name = 'root';
  for (const part of path) {
    parent = (parent as Record<string, unknown>)[name] as Record<string, unknown>;
    name = part;
  }
  if ('before' in change) expect((parent as Record<string, unknown>)[name]).toEqual(change.before);
  if (Array.isArray(parent)) {
    const added = 'after' in change ? [change.after] : [];
    parent.splice(Number(name), change.op === 'add' ? 0 : 1, ...added);
  } else if (change.op === 'remove') delete parent[name];
  else parent[name] = change.after;
  return root['root'] as Json;
}

function equals(a: Json, b: Json): boolean {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
}
