import type { CollectionSpec, ReadModelCollection, ReadModelStore } from './read-model-store';

/** A collection that is opened when it is first needed, and again after that has failed. */
export class OpenedCollection {
  private opened: Promise<ReadModelCollection> | null = null;

  constructor(
    private readonly store: ReadModelStore,
    private readonly spec: CollectionSpec,
  ) {}

  /** @throws what the store throws */
  get(): Promise<ReadModelCollection> {
    this.opened ??= this.store.open(this.spec).catch((error: unknown) => {
      this.opened = null;
      throw error;
    });
    return this.opened;
  }
}
