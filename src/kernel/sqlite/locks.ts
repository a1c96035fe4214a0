import { pause } from '../waiting';

/** The result code by name, such as `SQLITE_FULL`; undefined when the error is not SQLite's. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

/** Another connection holds the lock; it is worth trying again. */
export const isBusy = (error: unknown): boolean => codeOf(error)?.startsWith('SQLITE_BUSY') ?? false;

/** The disk, or the room that `max_page_count` gives, is used up. SQLite has then written nothing that counts. */
export const isFull = (error: unknown): boolean => codeOf(error) === 'SQLITE_FULL';

/** The file holds something else than SQLite has written. */
export const isDamaged = (error: unknown): boolean => /^SQLITE_(?:CORRUPT|NOTADB)/.test(codeOf(error) ?? '');

/** Between 5 and 25 ms, so that those who wait for one lock don't all come back at once. */
export const jitter = (): number => 5 + Math.random() * 20;

/**
 * The result of `attempt`, tried again for `patienceMs` while another connection holds the lock. The file is to be opened with
 * `timeout: 0`: SQLite's own way to wait stops the event loop.
 * @throws SQLite's error when the lock outlasts that, and whatever else `attempt` throws, at once
 */
export async function whileLocked<T>(patienceMs: number, attempt: () => T): Promise<T> {
  const started = performance.now();
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() - started >= patienceMs) throw error;
    }
    await pause(jitter());
  }
}
