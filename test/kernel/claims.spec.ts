import { join } from 'node:path';
import { Claims, type ClaimScope } from '#src/kernel/claims';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { deriveId, newId } from '#src/kernel/ids';
import { rejections, type Rejected } from '#src/kernel/rejection';
import { add, boxesOn, command, TestWritePath } from '../support/toy-box';
import { tempFolderOfThisFile } from '../support/temp-folder';

const taken = rejections({ 'label-taken': [409, 'Another box has this label.'] });
const folder = tempFolderOfThisFile();

let store: SqliteEventStore;
let now: Date;
/** Which labels each box bears, as its state would say; a box that is not in it was never created. */
let labelsOf: Map<string, Set<string>>;
let claims: Claims;
let labels: ClaimScope;

beforeEach(async () => {
  store = await SqliteEventStore.open({ file: join(folder, `${newId()}.db`) });
  now = new Date('2026-01-01T12:00:00Z');
  labelsOf = new Map();
  claims = new Claims(new TestWritePath(store, { now: () => now }), (scope, name) =>
    deriveId('claims', `${scope}/${name}`),
  );
  labels = {
    name: 'label',
    standing: async (id, name) => {
      const labels = labelsOf.get(id);
      return labels ? (labels.has(name) ? 'named' : 'not-named') : 'missing';
    },
    taken: () => taken('label-taken'),
  };
});
afterEach(() => store.close());

const claim = (id: string, by = command()) => claims.claim(by, labels, 'tools', `box-${id}`);
const later = (seconds: number) => (now = new Date(now.getTime() + seconds * 1000));
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: Rejected) => error.code,
  );

describe('a claim', () => {
  it('is made by one of many who want the name at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => codeOf(claim(newId()))));
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'label-taken')).toHaveLength(19);
  });

  it('stays with an owner that bears the name', async () => {
    const owner = newId();
    await claim(owner);
    labelsOf.set(owner, new Set(['tools']));
    later(3600);
    expect(await codeOf(claim(newId()))).toBe('label-taken');
    expect(await claims.ownerOf(labels, 'tools')).toBe(owner);
  });

  it('counts only while its owner bears the name', async () => {
    const owner = newId();
    await claim(owner);
    expect(await claims.ownerOf(labels, 'tools')).toBeNull();
    labelsOf.set(owner, new Set(['toys']));
    expect(await claims.ownerOf(labels, 'tools')).toBeNull();
    expect(await claims.ownerOf(labels, 'unheard-of')).toBeNull();
  });

  it('is left for a while to the command that made it, and then passes on from an owner that does not bear the name', async () => {
    const [former, next] = [newId(), newId()];
    await claim(former);
    labelsOf.set(former, new Set());
    expect(await codeOf(claim(next))).toBe('label-taken');
    later(31);
    expect(await codeOf(claim(next))).toBe('done');
    labelsOf.set(next, new Set(['tools']));
    expect(await claims.ownerOf(labels, 'tools')).toBe(next);
  });

  it('passes on from an owner that was never created, which then never can be', async () => {
    const [former, next] = [newId(), newId()];
    await claim(former);
    later(31);
    expect(await codeOf(claim(next))).toBe('done');
    expect(await codeOf(boxesOn(store).change(command(), former, { decide: add(1) }))).toBe('creation-abandoned');
  });

  it('does not pass on from an owner that was created meanwhile', async () => {
    const [former, next] = [newId(), newId()];
    await claim(former);
    later(31);
    // The state that is looked at does not know it yet; the stream does.
    await boxesOn(store).change(command(), former, { decide: add(1) });
    expect(await codeOf(claim(next))).toBe('label-taken');
  });

  it('can be repeated by the same command', async () => {
    const owner = newId();
    const once = command();
    await claim(owner, once);
    expect(await codeOf(claim(owner, once))).toBe('done');
  });
});
