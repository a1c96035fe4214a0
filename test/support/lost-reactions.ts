import { chmodSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importLog } from '#src/history/import/import-log';
import { tempFolder } from './temp-folder';

const STORE = join(__dirname, '../golden-stores/lost-reactions');

/** An order of that store, by what it has lost. */
export interface LostOrder {
  readonly orderId: string;
  readonly type: 'PaymentCaptured' | 'PaymentOutcomeUnknown' | 'OrderCancellationRequested';
}

/** What each order of the store has lost, in log order; each has been `cancelling` since. A fourth order lost nothing. */
export const LOST: readonly LostOrder[] = JSON.parse(readFileSync(join(STORE, 'lost.json'), 'utf8')) as LostOrder[];

/**
 * A data folder as release 0.1.0 has left it: the append of the reaction to each of the `LOST` events had failed once, and that to the
 * next event of the same order, in the same batch, had not.
 */
export async function folderWithLostReactions(): Promise<string> {
  const folder = tempFolder();
  await importLog({ from: STORE, dataDir: folder });
  for (const name of ['shop-secret', 'keys.db', 'test-gateway.db']) {
    cpSync(join(STORE, name), join(folder, name));
    chmodSync(join(folder, name), 0o600);
  }
  return folder;
}
