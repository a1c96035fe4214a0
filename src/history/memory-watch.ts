/** DuckDB counts most of what it takes, not all; what the process takes beside is about this, in MB. */
const BESIDE_MB = 400;
/** How often that is looked at, in milliseconds. */
const WATCHED_EVERY = 50;

/** What ends a process that needs more memory than it may have: who started it can tell by that. */
export const TOO_MUCH_MEMORY = 'SIGABRT';

export const endForMemory = (): void => void process.kill(process.pid, TOO_MUCH_MEMORY);

/** Ends this process when it takes more memory than DuckDB may have and Node.js needs beside. */
export function watchMemory(mostMb: number): void {
  const watch = () => {
    if (process.memoryUsage.rss() > (mostMb + BESIDE_MB) * 1e6) endForMemory();
  };
  setInterval(watch, WATCHED_EVERY).unref();
}
