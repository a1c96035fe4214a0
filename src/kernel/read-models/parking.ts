import type { StoredEvent } from '../events';
import type { JsonObject } from '../json';
import { type Position, positionOfStamp, stampOf } from '../position';
import type { FoldFailure } from './fold-document';
import { nameOf, type Projection } from './projection';
import type { CollectionSpec, DocumentChange, ReadModelCollection, StampedDocument } from './read-model-store';

/** A document that waits for an operator, because an event of its key could not be folded. */
export interface ParkedKey {
  readonly projection: string;
  readonly version: number;
  readonly key: string;
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly stream: string;
    readonly revision: number;
    /** As a stamp. */
    readonly position: string;
  };
  readonly error: string;
  /** Events of the log that the document lacks: the one that failed, and those of its key after it. */
  readonly missing: number;
  /** An operator knows: the version may be served in spite of it. */
  readonly acknowledged: boolean;
}

/** Where every projection's parked keys are kept, beside the documents. */
export const PARKED: CollectionSpec = { name: 'parked', version: 1, indexes: [{ projection: 1, version: 1 }] };

/**
 * Key of an event whose `keys` function threw: which documents it concerns is not known. The documents flow on without it until
 * it is retried or skipped.
 */
export const keyOfUnkeyed = (event: StoredEvent): string => `${UNKEYED}${event.id}`;
const UNKEYED = 'event:';
export const isUnkeyed = (key: string): boolean => key.startsWith(UNKEYED);

/**
 * The stamp to write under when something is written anew without a later event: it sorts after the former one and before the
 * next event's, so that what was decided on the former one can't be written any more.
 */
export const laterStamp = (was: Pick<StampedDocument, 'stamp'> | undefined, stamp: string): string =>
  was && stamp <= was.stamp ? `${was.stamp}~` : stamp;

/** The position of a stamp that `laterStamp` gave. */
export const positionOfLater = (stamp: string): Position => positionOfStamp(stamp.replace(/~+$/, ''));

/**
 * The parked keys of one version of a projection. A record is stamped with the last event that was counted as missing, so
 * counting is exact however often a batch is repeated, and whoever un-parks a key notices what was counted meanwhile.
 */
export class ParkedKeys {
  /** Keys that were parked when this process last looked; others may have un-parked them since. */
  private readonly probably = new Set<string>();

  constructor(
    private readonly collection: ReadModelCollection,
    private readonly projection: Projection,
  ) {}

  async load(): Promise<void> {
    for (const { key } of await this.list()) this.probably.add(key);
  }

  /** Cheap, and false for nearly every key. */
  mayBeParked(key: string): boolean {
    return this.probably.size > 0 && this.probably.has(key);
  }

  get mayHaveSome(): boolean {
    return this.probably.size > 0;
  }

  async list(): Promise<ParkedKey[]> {
    const { name: projection, version } = this.projection;
    const found = await this.collection.find({ projection, version }, { sort: { _id: 1 } });
    return found.map(({ _id, ...record }) => record as unknown as ParkedKey);
  }

  /** How many keys are parked that no operator has acknowledged. */
  unacknowledged(): Promise<number> {
    const { name: projection, version } = this.projection;
    return this.collection.count({ projection, version, acknowledged: false });
  }

  /** The record of the key, also the trace of one that was un-parked. */
  async find(key: string): Promise<StampedDocument | undefined> {
    return (await this.collection.read([this.idOf(key)])).get(this.idOf(key));
  }

  async isParked(key: string): Promise<ParkedKey | null> {
    return ((await this.find(key))?.document as unknown as ParkedKey | undefined) ?? null;
  }

  /**
   * Parks the keys of `failures`, and counts the `events` of keys that are parked already. Answers the keys that are not parked
   * (any more): their events are to be folded.
   */
  async hold(
    events: ReadonlyMap<string, readonly StoredEvent[]>,
    failures: ReadonlyMap<string, FoldFailure>,
  ): Promise<string[]> {
    const free: string[] = [];
    let keys = [...events.keys()];
    while (keys.length > 0) {
      const records = await this.collection.read(keys.map((key) => this.idOf(key)));
      const changes: DocumentChange[] = [];
      for (const key of keys) {
        const record = records.get(this.idOf(key));
        const failure = failures.get(key);
        if (record?.document) changes.push(...this.counted(key, record, events.get(key)!));
        else if (failure) changes.push(this.parked(key, record, failure, events.get(key)!));
        else free.push(key);
      }
      const conflicts = new Set(changes.length > 0 ? await this.collection.write(changes) : []);
      keys = keys.filter((key) => conflicts.has(this.idOf(key)));
    }
    for (const key of events.keys()) this.probably.add(key);
    for (const key of free) this.probably.delete(key);
    return free;
  }

  /** Writes the record anew: `upTo` is covered by `missing`. False when it is not any more as it was read. */
  async put(
    key: string,
    was: StampedDocument | undefined,
    failure: FoldFailure,
    missing: number,
    upTo: Position,
  ): Promise<boolean> {
    const before = was?.document as unknown as ParkedKey | undefined;
    const acknowledged = before?.event.id === failure.event.id && before.acknowledged;
    this.probably.add(key);
    return this.replace(key, was, stampOf(upTo), this.recordOf(key, failure, missing, acknowledged));
  }

  /** Un-parks. False when the record is not any more as it was read. */
  async remove(key: string, was: StampedDocument): Promise<boolean> {
    const removed = await this.replace(key, was, was.stamp, null);
    if (removed) this.probably.delete(key);
    return removed;
  }

  /** False when the key is not parked. */
  async acknowledge(key: string): Promise<boolean> {
    for (;;) {
      const record = await this.find(key);
      if (!record?.document) return false;
      if (await this.replace(key, record, record.stamp, { ...record.document, acknowledged: true })) return true;
    }
  }

  /** Forgets un-parked keys. @see ReadModelCollection.purge */
  purge(stamp: string): Promise<void> {
    return this.collection.purge(stamp);
  }

  private async replace(
    key: string,
    was: StampedDocument | undefined,
    stamp: string,
    document: JsonObject | null,
  ): Promise<boolean> {
    const change = { id: this.idOf(key), was: was?.stamp ?? null, stamp: laterStamp(was, stamp), document };
    const lost = await this.collection.write([change]);
    return lost.length === 0;
  }

  private counted(key: string, { stamp, document }: StampedDocument, events: readonly StoredEvent[]): DocumentChange[] {
    const news = events.filter((event) => stampOf(event.position) > stamp);
    if (news.length === 0) return [];
    const record = document as unknown as ParkedKey;
    const next = { ...record, missing: record.missing + news.length } as unknown as JsonObject;
    return [{ id: this.idOf(key), was: stamp, stamp: stampOf(news.at(-1)!.position), document: next }];
  }

  private parked(
    key: string,
    former: StampedDocument | undefined,
    failure: FoldFailure,
    events: readonly StoredEvent[],
  ): DocumentChange {
    const from = events.indexOf(failure.event);
    const document = this.recordOf(key, failure, events.length - from, false);
    const stamp = laterStamp(former, stampOf(events.at(-1)!.position));
    return { id: this.idOf(key), was: former?.stamp ?? null, stamp, document };
  }

  private recordOf(key: string, { event, error }: FoldFailure, missing: number, acknowledged: boolean): JsonObject {
    const { id, type, stream, revision, position } = event;
    const { name: projection, version } = this.projection;
    const record: ParkedKey = {
      projection,
      version,
      key,
      event: { id, type, stream, revision, position: stampOf(position) },
      error,
      missing,
      acknowledged,
    };
    return record as unknown as JsonObject;
  }

  private idOf(key: string): string {
    return `${nameOf(this.projection)}/${key}`;
  }
}
