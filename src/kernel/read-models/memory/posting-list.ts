/** A sorted array below this length is never turned into bits. */
const SHORT = 64;
/** A slot costs 8 bytes in the array and an eighth of a byte per slot of the collection in the bits. */
const DENSE = 64;

/**
 * A set of slots: where the documents stand that have one value in common. Few are held as a sorted array, many as one bit per
 * slot of the collection, whichever is smaller. Adding and removing are idempotent; both forms iterate in ascending order.
 */
export class PostingList {
  private list: number[] = [];
  private bits: Int32Array | null = null;
  private count = 0;

  get size(): number {
    return this.count;
  }

  has(slot: number): boolean {
    if (this.bits) return ((this.bits[slot >>> 5] ?? 0) & (1 << (slot & 31))) !== 0;
    return this.list[this.placeOf(slot)] === slot;
  }

  add(slot: number): void {
    if (this.bits) this.setBit(slot);
    else this.insert(slot);
  }

  delete(slot: number): void {
    if (this.bits) {
      this.clearBit(slot);
      return;
    }
    const place = this.placeOf(slot);
    if (this.list[place] !== slot) return;
    this.list.splice(place, 1);
    this.count--;
  }

  forEach(visit: (slot: number) => void): void {
    if (!this.bits) {
      this.list.forEach((slot) => visit(slot));
      return;
    }
    for (let word = 0; word < this.bits.length; word++) {
      for (let rest = this.bits[word] as number; rest !== 0; rest &= rest - 1)
        visit((word << 5) + 31 - Math.clz32(rest & -rest));
    }
  }

  /** The first place in the array whose slot is not below `slot`. */
  private placeOf(slot: number): number {
    const list = this.list;
    let low = 0;
    let high = list.length;
    // New documents get the highest slot: they are appended without a search.
    if (high === 0 || (list[high - 1] as number) < slot) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((list[middle] as number) < slot) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private insert(slot: number): void {
    const list = this.list;
    const place = this.placeOf(slot);
    if (list[place] === slot) return;
    if (place === list.length) list.push(slot);
    else list.splice(place, 0, slot);
    this.count++;
    const highest = list[list.length - 1] as number;
    if (list.length > SHORT && list.length * DENSE > highest) this.becomeBits(highest);
  }

  private becomeBits(highest: number): void {
    this.bits = new Int32Array(wordsFor(highest));
    this.count = 0;
    for (const slot of this.list) this.setBit(slot);
    this.list = [];
  }

  private setBit(slot: number): void {
    let bits = this.bits as Int32Array;
    const word = slot >>> 5;
    if (word >= bits.length) {
      bits = new Int32Array(wordsFor(slot));
      bits.set(this.bits as Int32Array);
      this.bits = bits;
    }
    const before = bits[word] as number;
    const after = before | (1 << (slot & 31));
    if (after === before) return;
    bits[word] = after;
    this.count++;
  }

  private clearBit(slot: number): void {
    if (!this.has(slot)) return;
    const bits = this.bits as Int32Array;
    bits[slot >>> 5] = (bits[slot >>> 5] as number) & ~(1 << (slot & 31));
    this.count--;
    // Well below the length at which it became bits, so that it does not change back and forth.
    if (this.count * DENSE * 8 < bits.length * 32) this.becomeList();
  }

  private becomeList(): void {
    const list: number[] = [];
    this.forEach((slot) => list.push(slot));
    this.list = list;
    this.bits = null;
  }
}

/** Words of 32 bits up to `highest`, and a quarter more to grow into. */
const wordsFor = (highest: number): number => (highest >>> 5) + 1 + (highest >>> 7);
