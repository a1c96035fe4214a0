import { endianness } from 'node:os';
import { deriveId, NAMESPACE } from '../ids';

/** What is remembered of a command. */
export interface RememberedCommand {
  readonly commandId: string;
  /** Of its last event. */
  readonly revision: number;
  /** Hash of what it asked for. */
  readonly payloadHash: string;
  /** Milliseconds since 1970: until then it is remembered. */
  readonly until: number;
}

/** A command that was found: `asksFor` says whether it asked for the same. */
export interface FoundCommand {
  readonly revision: number;
  asksFor(payloadHash: string): boolean;
}

/** Words (of 32 bits) of an entry: the command's id, a digest of what it asked for, the revision, and until when, in seconds. */
const ID = 4;
const DIGEST = ID;
const REVISION = 6;
const UNTIL = 7;
const ENTRY = 8;
const ENTRY_BYTES = ENTRY * 4;

/** Entries of a piece: what holds some MB in one block leaves holes in the memory of the process where it was. */
const PIECE = 1_024;

/** Entries that the smallest table has room for. */
const LEAST = 4;
/** Places of the index for each entry; a power of two, as the number of entries is. */
const SPREAD = 2;
const MOST_SECONDS = 2 ** 32 - 1;

/**
 * Commands by id, in one block of numbers: 40 bytes each, where a map of objects takes more than 300. A hot variant and a busy cart have
 * 100,000 of them. (Open addressing with linear probing; nothing is taken out singly, what has passed is left behind when the table grows.)
 */
export class CommandTable {
  private count = 0;
  private capacity = LEAST;
  /** The entries in the order in which they came, then the index: places of entries, from 1; 0 is free. */
  private words = new Uint32Array(LEAST * (ENTRY + SPREAD));

  /** Bytes of memory. */
  get bytes(): number {
    return this.words.byteLength;
  }

  /** One that is still remembered at `now` (milliseconds since 1970). */
  find(commandId: string, now: number): FoundCommand | undefined {
    const { words } = this;
    const at = this.search(commandId);
    if (at < 0 || words[at + UNTIL]! < secondsOf(now)) return undefined;
    const first = words[at + DIGEST];
    const second = words[at + DIGEST + 1];
    return {
      revision: words[at + REVISION]!,
      asksFor: (payloadHash) => digest(payloadHash, 0) === first && digest(payloadHash, 1) === second,
    };
  }

  /** What has passed at `now` may be left behind. */
  put({ commandId, revision, payloadHash, until }: RememberedCommand, now: number): void {
    let at = this.search(commandId);
    if (at < 0) {
      if (this.count === this.capacity) this.makeRoom(now);
      at = this.count * ENTRY;
      this.words.set(id, at);
      this.enter(this.count++);
    }
    const { words } = this;
    words[at + DIGEST] = digest(payloadHash, 0);
    words[at + DIGEST + 1] = digest(payloadHash, 1);
    words[at + REVISION] = revision;
    words[at + UNTIL] = Math.ceil(secondsOf(until));
  }

  /** What is remembered at `now`, in pieces of bytes that are the same on every machine. */
  toPieces(now: number): Buffer[] {
    const live = this.live(now);
    const pieces: Buffer[] = [];
    for (let from = 0; from < live.length; from += PIECE) pieces.push(this.bytesOf(live.slice(from, from + PIECE)));
    return pieces;
  }

  /** @throws TypeError when these are not bytes of a table */
  static fromBytes(bytes: Uint8Array): CommandTable {
    if (bytes.byteLength % ENTRY_BYTES !== 0) throw new TypeError('These are not the bytes of a table of commands.');
    const table = new CommandTable();
    const count = bytes.byteLength / ENTRY_BYTES;
    table.resize(count);
    new Uint8Array(table.words.buffer).set(littleEndian(Buffer.from(bytes)));
    while (table.count < count) table.enter(table.count++);
    return table;
  }

  private bytesOf(places: readonly number[]): Buffer {
    const copy = new Uint32Array(places.length * ENTRY);
    for (const [n, at] of places.entries()) copyEntry(this.words, at, copy, n * ENTRY);
    return littleEndian(Buffer.from(copy.buffer));
  }

  /** Where the entry of a command begins; -1: there is none. Leaves the id in `id`. */
  private search(commandId: string): number {
    readId(commandId);
    const { words } = this;
    // By index: taking a typed array apart goes through an iterator, which every command would pay for.
    const first = id[0];
    const second = id[1];
    const third = id[2];
    const fourth = id[3];
    const begin = this.capacity * ENTRY;
    const mask = this.capacity * SPREAD - 1;
    for (let place = fourth! & mask; ; place = (place + 1) & mask) {
      const entry = words[begin + place]!;
      if (entry === 0) return -1;
      const at = (entry - 1) * ENTRY;
      const same =
        words[at] === first && words[at + 1] === second && words[at + 2] === third && words[at + 3] === fourth;
      if (same) return at;
    }
  }

  private enter(n: number): void {
    const { words } = this;
    const begin = this.capacity * ENTRY;
    const mask = this.capacity * SPREAD - 1;
    let place = words[n * ENTRY + ID - 1]! & mask;
    while (words[begin + place] !== 0) place = (place + 1) & mask;
    words[begin + place] = n + 1;
  }

  private makeRoom(now: number): void {
    const { words } = this;
    const live = this.live(now);
    this.resize(live.length * 2);
    for (const at of live) {
      copyEntry(words, at, this.words, this.count * ENTRY);
      this.enter(this.count++);
    }
  }

  /** Empties it. */
  private resize(capacity: number): void {
    this.capacity = LEAST;
    while (this.capacity < capacity) this.capacity *= 2;
    this.words = new Uint32Array(this.capacity * (ENTRY + SPREAD));
    this.count = 0;
  }

  private live(now: number): number[] {
    const seconds = secondsOf(now);
    const live: number[] = [];
    for (let at = 0; at < this.count * ENTRY; at += ENTRY) if (this.words[at + UNTIL]! >= seconds) live.push(at);
    return live;
  }
}

function copyEntry(from: Uint32Array, at: number, to: Uint32Array, place: number): void {
  for (let n = 0; n < ENTRY; n++) to[place + n] = from[at + n]!;
}

const secondsOf = (ms: number): number => Math.min(Math.max(ms / 1000, 0), MOST_SECONDS);

/** The four words of the id that was read last. */
const id = new Uint32Array(ID);
let lastRead = '';

/** A command is looked for before it is decided, when it is, and when it is done. */
function readId(commandId: string): void {
  if (commandId === lastRead) return;
  lastRead = commandId;
  // Ids of commands are UUIDs; whatever an imported history has instead is given one.
  if (!readUuid(commandId)) readUuid(deriveId(NAMESPACE, commandId));
}

const UUID_LENGTH = 36;

function readUuid(text: string): boolean {
  if (text.length !== UUID_LENGTH) return false;
  let word = 0;
  let digits = 0;
  for (let i = 0; i < UUID_LENGTH; i++) {
    if (i === 8 || i === 13 || i === 18 || i === 23) continue;
    const code = text.charCodeAt(i);
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1;
    if (digit < 0) return false;
    word = (word << 4) | digit;
    if (++digits % 8 === 0) id[digits / 8 - 1] = word;
  }
  return true;
}

/**
 * Half of 64 bits of a text that is a keyed hash already, so that nobody can look for two with the same ones (FNV-1a with two primes).
 */
function digest(text: string, half: 0 | 1): number {
  let hash = half === 0 ? 0x811c9dc5 : 0x9747b28c;
  const prime = half === 0 ? 0x01000193 : 0x85ebca6b;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), prime);
  return (hash ^ (hash >>> 15)) >>> 0;
}

const littleEndian = (bytes: Buffer): Buffer => (endianness() === 'LE' ? bytes : bytes.swap32());
