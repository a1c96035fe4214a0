import fc from 'fast-check';
import { v5, validate, version } from 'uuid';
import { deriveId, NAMESPACE, newId } from '#src/kernel/ids';

it('derives the UUID of version 5 that RFC 9562 defines, whatever the name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (parent, name) => {
      expect(deriveId(parent, name)).toBe(v5(`${parent}/${name}`, NAMESPACE));
    }),
    { numRuns: 1_000 },
  );
});

it('has derived the same id since the first release', () =>
  expect(deriveId('018f2b6e-7a61-7c3d-8e4f-0123456789ab', 'line')).toBe('c7057301-e9b0-5a7c-be16-6386eb43979f'));

it('makes UUIDs of version 7 that are all different and sort by the time they were made', async () => {
  const ids = Array.from({ length: 10_000 }, newId);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const later = newId();
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect([validate(id), version(id), id < later]).toEqual([true, 7, true]);
});
