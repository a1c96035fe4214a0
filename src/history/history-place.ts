import type { HistoryConfig } from './source';

/** Where this process finds the history, for what works in processes of its own. */
export abstract class HistoryPlace implements HistoryConfig {
  abstract readonly dataDir: string;
  abstract readonly eventStoreUrl: string | null;
  /** Milliseconds that a question may take that this process answers itself; undefined: as long as it takes. */
  abstract readonly queryTimeoutMs?: number;
}
