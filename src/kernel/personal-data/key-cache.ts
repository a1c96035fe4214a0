import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { KeyStore } from './personal';
import { newKey, unwrapKey, type KeyOwner } from './wrapped-key';

/** How old the number of erasures may be by which a key in memory is trusted, in milliseconds. */
const TRUSTED_MS = 500;

/** A key in memory, and the number of erasures that had been counted before it was read. */
interface CachedKey {
  readonly erasures: number;
  readonly key: Buffer;
}

/**
 * Unwrapped keys in memory. One is used only while the store's number of erasures is still the number from before the key was
 * read, so whatever is erased, by whichever process, is forgotten within half a second. Absence is never remembered.
 */
export class KeyCache {
  private readonly cached: LRUCache<string, CachedKey>;
  /** Look-ups under way, so that those who want the same key at once share one. */
  private readonly underWay = new Map<string, Promise<Buffer | 'erased' | null>>();
  private newest = { askedAt: -Infinity, erasures: Promise.resolve(0) };
  private seen = 0;

  constructor(
    private readonly store: KeyStore,
    private readonly masterKey: KeyObject,
    max: number,
    private readonly monotonicMs: () => number,
  ) {
    this.cached = new LRUCache({ max });
  }

  /** @throws KeyStoreUnavailable | DamagedPersonalValue */
  find(owner: KeyOwner): Promise<Buffer | 'erased' | null> {
    return this.get('find', owner, () => this.store.find(owner.subject, owner.purpose));
  }

  /** Makes and stores a key where there is none. @throws KeyStoreUnavailable | DamagedPersonalValue */
  async findOrCreate(owner: KeyOwner): Promise<Buffer | 'erased'> {
    const { subject, purpose } = owner;
    const key = await this.get('create', owner, async () => {
      const stored = await this.store.find(subject, purpose);
      return stored ?? this.store.add(subject, purpose, newKey(this.masterKey, owner));
    });
    return key as Buffer | 'erased';
  }

  private async get(
    how: 'find' | 'create',
    owner: KeyOwner,
    load: () => Promise<Uint8Array | 'erased' | null>,
  ): Promise<Buffer | 'erased' | null> {
    const erasures = await this.erasures();
    const id = JSON.stringify([owner.subject, owner.purpose]);
    const cached = this.cached.get(id);
    if (cached?.erasures === erasures) return cached.key;
    const name = `${how} ${erasures} ${id}`;
    let loading = this.underWay.get(name);
    if (!loading) {
      loading = this.load(owner, id, erasures, load).finally(() => this.underWay.delete(name));
      this.underWay.set(name, loading);
    }
    return loading;
  }

  private async load(
    owner: KeyOwner,
    id: string,
    erasures: number,
    load: () => Promise<Uint8Array | 'erased' | null>,
  ): Promise<Buffer | 'erased' | null> {
    const wrapped = await load();
    if (wrapped === null || wrapped === 'erased') return wrapped;
    // Small buffers share a block of memory, all of which each of them would keep.
    const unwrapped = unwrapKey(this.masterKey, owner, wrapped);
    const key = Buffer.alloc(unwrapped.length, unwrapped);
    this.cached.set(id, { erasures, key });
    return key;
  }

  /** The store's number of erasures, asked for at most half a second ago. */
  private erasures(): Promise<number> {
    const now = this.monotonicMs();
    if (now - this.newest.askedAt < TRUSTED_MS) return this.newest.erasures;
    const asked = { askedAt: now, erasures: this.ask() };
    // A failure is told to those who waited for it, and to nobody after them.
    asked.erasures.catch(() => (asked.askedAt = -Infinity));
    this.newest = asked;
    return asked.erasures;
  }

  private async ask(): Promise<number> {
    const erasures = await this.store.erasures();
    if (erasures !== this.seen) this.cached.clear();
    this.seen = erasures;
    return erasures;
  }
}
