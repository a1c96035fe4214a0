import { constants, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

const MEBIBYTE = 1024 * 1024;
/** So large the heap may grow before garbage is collected, unless more than this is alive. */
const ROOM_BYTES = 128 * MEBIBYTE;
/** By so much it may grow at least beyond what is alive, in percent of that: the less, the more processor time goes into collecting. */
const LEAST_PERCENT = 75;
/**
 * V8 would take 300 for small heaps. But a percentage is used one collection late, when a shop that has just begun to be busy has twice as
 * much alive; and what a heap was once, Node.js 24 does not give back.
 */
const MOST_PERCENT = 100;

let installed = false;

/**
 * Keeps a process small: where the machine has much memory, V8 lets any heap grow to four times what is alive, and gives little of it back.
 * What a cache forgets has grown old before, and old garbage fills all of that. Here the more is alive,
 * the less garbage may come on top. It is no limit: who keeps more has more.
 */
export function collectGarbageEarly(): void {
  if (installed) return;
  installed = true;
  const observer = new PerformanceObserver((list) => {
    if (list.getEntries().some(isMajor)) setGrowth();
  });
  observer.observe({ entryTypes: ['gc'] });
  setGrowth();
}

const isMajor = (entry: PerformanceEntry): boolean =>
  (entry as PerformanceEntry & { readonly detail?: { readonly kind?: number } }).detail?.kind ===
  constants.NODE_PERFORMANCE_GC_MAJOR;

/** For the collection after the next one: V8 has just decided when that will be. */
function setGrowth(): void {
  const percent = growthPercent(getHeapStatistics().used_heap_size);
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

/** By how much a heap may grow of which so many bytes are alive, in percent of these. */
export function growthPercent(aliveBytes: number): number {
  const room = Math.floor((100 * (ROOM_BYTES - aliveBytes)) / aliveBytes);
  return Math.min(Math.max(room, LEAST_PERCENT), MOST_PERCENT);
}
