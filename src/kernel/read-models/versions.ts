import type { JsonObject } from '../json';
import { laterStamp, PARKED } from './parking';
import { nameOf, type Projection } from './projection';
import type { CollectionSpec, ReadModelCollection, ReadModelStore } from './read-model-store';

/** Which versions of projections have documents in this store, and which of them have come so far that they may be served. */
export const VERSIONS: CollectionSpec = { name: 'projection-versions', version: 1, indexes: [] };

interface VersionRecord {
  readonly projection: string;
  readonly version: number;
  /** It has been served: it had caught up, and nothing was parked that an operator had not acknowledged. */
  readonly promoted: boolean;
  /** It has caught up with the log at least once. */
  readonly caughtUp: boolean;
  /** The build of which that is true; null or missing: there is only one, or the first release wrote this. */
  readonly build?: string | null;
}

type Version = Pick<VersionRecord, 'projection' | 'version'>;
type Progress = Pick<VersionRecord, 'promoted' | 'caughtUp' | 'build'>;

const UNKNOWN: Progress = { promoted: false, caughtUp: false };

/** The versions that the read-model store holds: known to every process, whichever builds them. */
export class Versions {
  private constructor(
    private readonly store: ReadModelStore,
    private readonly records: ReadModelCollection,
  ) {}

  static async open(store: ReadModelStore): Promise<Versions> {
    return new Versions(store, await store.open(VERSIONS));
  }

  async of(projection: Projection): Promise<Progress> {
    const id = nameOf(projection);
    const record = (await this.records.read([id])).get(id)?.document;
    return (record as unknown as VersionRecord | undefined) ?? UNKNOWN;
  }

  /** Answers false, and changes nothing, where what is stored is not as `onlyIf` wants it. */
  async update(
    projection: Projection,
    news: Partial<Progress>,
    onlyIf: (stored: Progress) => boolean = () => true,
  ): Promise<boolean> {
    const id = nameOf(projection);
    const { name, version } = projection;
    for (;;) {
      const was = (await this.records.read([id])).get(id);
      const before = (was?.document as unknown as VersionRecord | undefined) ?? UNKNOWN;
      if (!onlyIf(before)) return false;
      if (was?.document && isAsBefore(before, news)) return true;
      const document = { ...before, projection: name, version, ...news } as unknown as JsonObject;
      // No event changes these records: their stamps only count the changes.
      const change = { id, was: was?.stamp ?? null, stamp: laterStamp(was, '0'), document };
      if ((await this.records.write([change])).length === 0) return true;
    }
  }

  async list(): Promise<Version[]> {
    const found = await this.records.find({}, { sort: { _id: 1 } });
    return found.map((record) => record as unknown as Version);
  }

  /** Drops the documents of a version, what is parked of them, and then its record: what a crash leaves undone is done again. */
  async drop({ projection, version }: Version): Promise<void> {
    await this.store.drop({ name: projection, version });
    await this.forgetParked({ projection, version });
    await remove(this.records, nameOf({ name: projection, version }));
  }

  private async forgetParked({ projection, version }: Version): Promise<void> {
    const parked = await this.store.open(PARKED);
    for (const { _id } of await parked.find({ projection, version })) await remove(parked, _id);
  }
}

const isAsBefore = (before: Progress, news: Partial<Progress>): boolean =>
  (Object.keys(news) as (keyof Progress)[]).every((name) => before[name] === news[name]);

async function remove(collection: ReadModelCollection, id: string): Promise<void> {
  for (;;) {
    const was = (await collection.read([id])).get(id);
    if (!was?.document) return;
    const change = { id, was: was.stamp, stamp: laterStamp(was, was.stamp), document: null };
    if ((await collection.write([change])).length === 0) return;
  }
}
