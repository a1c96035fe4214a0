import type { Collection, Filter } from 'mongodb';
import type { Checkpoint } from '../../feed/feed-reader';
import type { MongoConnection } from '../../mongo/connection';
import { isDuplicate } from '../../mongo/errors';
import { CheckpointMoved, isSameCheckpoint } from '../read-model-store';

type StoredCheckpoint = Checkpoint & { readonly _id: string };

/** Not the name of a version, which has an `@`. */
const NAME = 'checkpoints';

/** The checkpoints of all readers, by their names, in one collection beside the documents. */
export class MongoCheckpoints {
  private readonly stored: Collection<StoredCheckpoint>;

  constructor(private readonly connection: MongoConnection) {
    this.stored = connection.database.collection<StoredCheckpoint>(NAME);
  }

  async read(reader: string): Promise<Checkpoint | null> {
    const { maxTimeMS } = this.connection;
    const found = await this.connection.ask(() => this.stored.findOne({ _id: reader }, { maxTimeMS }));
    return found && checkpointOf(found);
  }

  /** @throws CheckpointMoved */
  async move(reader: string, checkpoint: Checkpoint, was: Checkpoint | null): Promise<void> {
    const next = checkpointOf(checkpoint);
    if (was === null ? await this.add({ _id: reader, ...next }) : await this.replace(reader, next, was)) return;
    const stored = await this.read(reader);
    // It may have been stored by an earlier call that got no answer.
    if (!isSameCheckpoint(stored, checkpoint)) throw new CheckpointMoved(reader, stored);
  }

  async remove(reader: string): Promise<void> {
    await this.connection.ask(() => this.stored.deleteOne({ _id: reader }));
  }

  private async add(checkpoint: StoredCheckpoint): Promise<boolean> {
    try {
      await this.connection.ask(() => this.stored.insertOne(checkpoint));
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  private async replace(reader: string, next: Checkpoint, was: Checkpoint): Promise<boolean> {
    const unchanged: Filter<StoredCheckpoint> = {
      _id: reader,
      storeId: was.storeId,
      eventId: was.eventId,
      'position.commit': was.position.commit,
      'position.prepare': was.position.prepare,
      build: was.build ?? { $exists: false },
    };
    const { matchedCount } = await this.connection.ask(() => this.stored.replaceOne(unchanged, next));
    return matchedCount === 1;
  }
}

const checkpointOf = ({ storeId, position, eventId, eventPosition, build }: Checkpoint): Checkpoint => ({
  storeId,
  position,
  eventId,
  eventPosition,
  ...(build !== undefined && { build }),
});
