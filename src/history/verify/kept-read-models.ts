import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../kernel/event-store/sqlite/connection';
import { MemoryReadModelStore } from '../../kernel/read-models/memory/memory-read-model-store';
import type { ReadModelStore } from '../../kernel/read-models/read-model-store';
import type { Config } from '../../config';

/** Read models as a shop has kept them; the shop may be running. Those of a data folder are of one moment. */
export interface KeptReadModels {
  readonly store: ReadModelStore;
  close(): Promise<void>;
}

/** Those in MongoDB, where it is named, else those in the data folder; null: it has none. @throws ReadModelsUnavailable */
export async function openKeptReadModels({
  mongodbUrl,
  dataDir,
}: Pick<Config, 'mongodbUrl' | 'dataDir'>): Promise<KeptReadModels | null> {
  if (mongodbUrl === null) return copyOfFolder(dataDir);
  const { MongoReadModelStore } = await import('#src/kernel/read-models/mongo/mongo-read-model-store');
  const store = await MongoReadModelStore.open(mongodbUrl);
  return { store, close: () => store.close() };
}

async function copyOfFolder(dataDir: string): Promise<KeptReadModels | null> {
  const file = join(dataDir, 'read-models.db');
  if (!existsSync(file)) return null;
  const scratch = mkdtempSync(join(tmpdir(), 'chronocart-verify-'));
  try {
    const copy = join(scratch, 'read-models.db');
    const database = connect(file, true);
    try {
      // Unlike a copy of the file, it is of one moment, whoever writes meanwhile.
      database.prepare('VACUUM INTO ?').run([copy]);
    } finally {
      database.close();
    }
    const store = new MemoryReadModelStore({ file: copy });
    return {
      store,
      close: async () => {
        await store.close();
        rmSync(scratch, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true });
    throw error;
  }
}
