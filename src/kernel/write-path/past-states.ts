import type { Json } from '../json';
import { sizeOf } from '../size-of';
import type { StateAt } from './folded';
import { PAGE, type Folding } from './folding';
import type { Slices } from './slices';

/** So much is remembered of one stream, in bytes, roughly. */
const MOST_BYTES = 8 * 1024 * 1024;

interface Waiting<S> {
  readonly resolve: (then: StateAt<S>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One stream's states at earlier revisions: what repeats of clients' commands are answered from. The first question folds the stream up
 * to there and remembers the states at the ends of pages on its way; each later one folds from the nearest of them. They may take
 * 8 MiB: when they take more, every other one is dropped. So a question folds a page (500 events), and of a stream whose states at all
 * ends of pages take n times that, up to 2 n pages: a full cart takes 60 kB, one that was changed 200,000 times has 400 pages, and
 * a repeat folds 2,000 events. (In the 48 hours for which they are known one principal may give 96,000 commands to a stream.)
 *
 * There is one walk at a time, it does one page in a slice, and it serves all who wait for a revision in the pages that it passes.
 */
export class PastStates<S> {
  /** By the number of the page whose end it is: of every page, or of every second, fourth, … */
  private remembered = new Map<number, StateAt<S>>();
  private spacing = 1;
  private size = 0;
  /** Of the newest snapshot, once it was looked for. */
  private snapshot: StateAt<S> | null = null;
  private readonly waiting = new Map<number, Waiting<S>[]>();
  private walking = false;
  private lookedForSnapshot = false;

  constructor(
    private readonly id: string,
    private readonly folding: Pick<Folding<S, never>, 'beginning' | 'following' | 'snapshotOf'>,
    private readonly slices: Slices,
  ) {}

  /** About how many bytes of memory it takes. */
  get bytes(): number {
    return this.size;
  }

  /** @throws StoreUnavailable */
  at(revision: number): Promise<StateAt<S>> {
    return new Promise((resolve, reject) => {
      this.waiting.set(revision, [...(this.waiting.get(revision) ?? []), { resolve, reject }]);
      if (!this.walking) void this.walk();
    });
  }

  private async walk(): Promise<void> {
    this.walking = true;
    while (this.waiting.size > 0) {
      try {
        await this.walkTo(Math.min(...this.waiting.keys()));
      } catch (error) {
        const waiting = [...this.waiting.values()].flat();
        this.waiting.clear();
        for (const { reject } of waiting) reject(error);
      }
    }
    this.walking = false;
  }

  private async walkTo(revision: number): Promise<void> {
    let then = await this.nearest(revision);
    this.answer(then);
    while (then.revision < revision) {
      await this.slices.next();
      const page = await this.folding.following(this.id, then, PAGE - ((then.revision + 1) % PAGE));
      for (const each of page) this.answer(each);
      const last = page.at(-1);
      if (!last) throw new Error(`The stream of ${this.id} ends before revision ${revision}.`);
      then = last;
      if ((then.revision + 1) % PAGE === 0) this.remember((then.revision + 1) / PAGE, then);
    }
  }

  private async nearest(revision: number): Promise<StateAt<S>> {
    const page = Math.floor((revision + 1) / PAGE);
    let near = this.folding.beginning;
    for (let n = page - (page % this.spacing); n > 0; n -= this.spacing) {
      const then = this.remembered.get(n);
      if (!then) continue;
      near = then;
      break;
    }
    if (!this.lookedForSnapshot && revision - near.revision > PAGE) {
      this.lookedForSnapshot = true;
      this.snapshot = await this.folding.snapshotOf(this.id);
    }
    const { snapshot } = this;
    return snapshot && snapshot.revision > near.revision && snapshot.revision <= revision ? snapshot : near;
  }

  private answer(then: StateAt<S>): void {
    const waiting = this.waiting.get(then.revision);
    if (!waiting) return;
    this.waiting.delete(then.revision);
    for (const { resolve } of waiting) resolve(then);
  }

  private remember(page: number, then: StateAt<S>): void {
    if (page % this.spacing !== 0 || this.remembered.has(page)) return;
    this.remembered.set(page, then);
    this.size += sizeOf(then.state as Json);
    while (this.size > MOST_BYTES && this.remembered.size > 1) this.thinOut();
  }

  private thinOut(): void {
    this.spacing *= 2;
    const kept = [...this.remembered].filter(([page]) => page % this.spacing === 0);
    this.remembered = new Map(kept);
    this.size = kept.reduce((size, [, { state }]) => size + sizeOf(state as Json), 0);
  }
}
