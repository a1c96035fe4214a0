import fc from 'fast-check';
import { randomBytes, randomUUID } from 'node:crypto';
import type { KeyStore } from '#src/kernel/personal-data/personal';

/** A key store's storage, which outlives the instances that have it open. */
export interface KeyStorage {
  /** One more instance over the same storage, as another process would open it. */
  open(): Promise<KeyStore>;
  dispose(): Promise<void>;
}

/** What every adapter of the key store port promises. */
export function keyStoreContract(adapter: string, make: () => Promise<KeyStorage>): void {
  describe(`key store: ${adapter}`, () => {
    let storage: KeyStorage;
    let keys: KeyStore;
    let other: KeyStore;
    const wrapped = () => new Uint8Array(randomBytes(61));

    beforeEach(async () => {
      storage = await make();
      keys = await storage.open();
      other = await storage.open();
    });
    afterEach(async () => {
      await Promise.all([keys.close(), other.close()]);
      await storage.dispose();
    });

    it('answers null where there never was a key', async () => {
      expect(await keys.find('ann', 'profile')).toBeNull();
    });

    it('knows whose keys these are as soon as somebody has said it, in every instance and after a restart', async () => {
      expect(await keys.assignedTo()).toBeNull();
      await Promise.all([keys.assignTo('one'), other.assignTo('one')]);
      expect(await other.assignedTo()).toBe('one');
      await keys.close();
      keys = await storage.open();
      expect(await keys.assignedTo()).toBe('one');
      await keys.assignTo('another');
      expect(await other.assignedTo()).toBe('another');
    });

    it('finds a key that was added, in every instance and after a restart', async () => {
      const key = wrapped();
      expect(await keys.add('ann', 'profile', key)).toEqual(key);
      expect(await keys.find('ann', 'profile')).toEqual(key);
      expect(await other.find('ann', 'profile')).toEqual(key);
      await keys.close();
      keys = await storage.open();
      expect(await keys.find('ann', 'profile')).toEqual(key);
    });

    it('keeps the first of two keys and answers it to both', async () => {
      const first = wrapped();
      await keys.add('ann', 'profile', first);
      expect(await keys.add('ann', 'profile', wrapped())).toEqual(first);
      expect(await other.add('ann', 'profile', wrapped())).toEqual(first);
    });

    it('answers the same key to all who add at once, in one instance or in several', async () => {
      const added = await Promise.all(
        Array.from({ length: 40 }, (_, i) => (i % 2 ? keys : other).add('ann', 'profile', wrapped())),
      );
      for (const key of added) expect(key).toEqual(added[0]);
      expect(await keys.find('ann', 'profile')).toEqual(added[0]);
    });

    it('never takes one subject and purpose for another', async () => {
      const key = wrapped();
      await keys.add('ann', 'b', key);
      for (const [subject, purpose] of [
        ['an', 'nb'],
        ['annb', ''],
        ['ann', 'B'],
        ['ann', 'b '],
        ['ann', '%'],
      ] as const) {
        expect(await keys.find(subject, purpose)).toBeNull();
        await keys.erase(subject, purpose);
      }
      expect(await keys.find('ann', 'b')).toEqual(key);
    });

    it('puts a tombstone in the place of an erased key, for ever', async () => {
      const [order, bobs] = [wrapped(), wrapped()];
      await keys.add('ann', 'profile', wrapped());
      await keys.add('ann', 'order:1', order);
      await keys.add('bob', 'profile', bobs);
      await keys.erase('ann', 'profile');
      await other.erase('ann', 'profile');

      keys = await reopened();
      for (const store of [keys, other]) {
        expect(await store.find('ann', 'profile')).toBe('erased');
        expect(await store.add('ann', 'profile', wrapped())).toBe('erased');
        expect(await store.find('ann', 'profile')).toBe('erased');
        expect(await store.find('ann', 'order:1')).toEqual(order);
        expect(await store.find('bob', 'profile')).toEqual(bobs);
      }
    });

    it('erases everything that a subject has, and nothing that it may get later', async () => {
      await keys.add('ann', 'profile', wrapped());
      await keys.add('ann', 'order:1', wrapped());
      await other.erase('ann');
      expect(await keys.find('ann', 'profile')).toBe('erased');
      expect(await keys.find('ann', 'order:1')).toBe('erased');
      const invoice = wrapped();
      expect(await keys.add('ann', 'invoice:2026', invoice)).toEqual(invoice);
    });

    it('leaves a tombstone where a stated purpose never had a key', async () => {
      await keys.erase('ann', 'profile');
      expect(await other.add('ann', 'profile', wrapped())).toBe('erased');
    });

    it('does what is asked for in one turn in that order', async () => {
      const [added, , again] = await Promise.all([
        keys.add('ann', 'profile', wrapped()),
        keys.erase('ann', 'profile'),
        keys.add('ann', 'profile', wrapped()),
      ]);
      expect(added).not.toBe('erased');
      expect(again).toBe('erased');
    });

    it('counts erasures, whichever instance made them, and nothing else', async () => {
      const before = await other.erasures();
      await keys.add('ann', 'profile', wrapped());
      await keys.add('bob', 'profile', wrapped());
      expect(await other.erasures()).toBe(before);
      await keys.erase('ann', 'profile');
      const between = await other.erasures();
      expect(between).toBeGreaterThan(before);
      await other.erase('bob');
      expect(await keys.erasures()).toBeGreaterThan(between);
      const after = await keys.erasures();
      keys = await reopened();
      expect(await keys.erasures()).toBe(after);
    });

    it('is what a map with tombstones would be (property)', async () => {
      const step = fc.record({
        does: fc.constantFrom('add', 'add', 'erase', 'eraseAll'),
        by: fc.boolean(),
        subject: fc.constantFrom('ann', 'bob'),
        purpose: fc.constantFrom('profile', 'order:1', 'order:2'),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const run = randomUUID();
          const model = new Map<string, Uint8Array | 'erased'>();
          for (const { does, by, subject: name, purpose } of steps) {
            const store = by ? keys : other;
            const subject = `${run}-${name}`;
            const place = `${subject} ${purpose}`;
            if (does === 'add') {
              const key = wrapped();
              if (!model.has(place)) model.set(place, key);
              expect(await store.add(subject, purpose, key)).toEqual(model.get(place));
            } else if (does === 'erase') {
              model.set(place, 'erased');
              await store.erase(subject, purpose);
            } else {
              for (const known of model.keys()) if (known.startsWith(`${subject} `)) model.set(known, 'erased');
              await store.erase(subject);
            }
            expect(await keys.find(subject, purpose)).toEqual(model.get(place) ?? null);
          }
        }),
        { numRuns: 25 },
      );
    });

    async function reopened(): Promise<KeyStore> {
      await keys.close();
      return storage.open();
    }
  });
}
