import { LRUCache } from 'lru-cache';
import type { Json } from '../../kernel/json';

/** So many values stay as they are; of the others only the text is kept. */
const AT_HAND = 5_000;

/** How values become plain ones that JSON can say, and come back. */
export interface Plain<T> {
  readonly to: (value: T) => Json;
  readonly from: (plain: Json) => T;
}

const AS_IT_IS = { to: (value: object) => value as Json, from: (plain: Json) => plain as object };

/**
 * Plain values by name, for a walk through a log of any length: those that were used of late are at hand, of all others the text is
 * kept, which takes a fifth of the memory.
 */
export class Shelf<T extends object> {
  private readonly texts = new Map<string, string>();
  private readonly atHand: LRUCache<string, T>;

  constructor(
    private readonly plain = AS_IT_IS as unknown as Plain<T>,
    atHand = AT_HAND,
  ) {
    this.atHand = new LRUCache({
      max: atHand,
      dispose: (value, name, reason) => {
        if (reason === 'evict') this.texts.set(name, JSON.stringify(this.plain.to(value)));
      },
    });
  }

  get(name: string): T | undefined {
    const value = this.atHand.get(name);
    if (value !== undefined) return value;
    const text = this.texts.get(name);
    if (text === undefined) return undefined;
    const read = this.read(text);
    this.set(name, read);
    return read;
  }

  set(name: string, value: T): void {
    this.texts.delete(name);
    this.atHand.set(name, value);
  }

  /** All of them, by the order of their names. */
  *all(): Generator<readonly [name: string, value: T], void> {
    for (const name of [...this.atHand.keys(), ...this.texts.keys()].sort())
      yield [name, this.atHand.peek(name) ?? this.read(this.texts.get(name)!)];
  }

  private read(text: string): T {
    return this.plain.from(JSON.parse(text) as Json);
  }
}
